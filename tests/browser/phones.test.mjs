// The phones, in a real browser: choose a person, read their chat, answer as them, write STOP, and see
// the next campaign leave them out with the reason.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { QUICKSTART, CHROMIUM } = process.env;
const shots = process.env.SCREENSHOTS;
let quickstart, browser, page;

before(async () => {
  quickstart = spawn(QUICKSTART, ["--serve", "--port", "0", "--limit", "400", "--seed", "7"], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((found, lost) => {
    createInterface({ input: quickstart.stdout }).on("line", (line) => {
      const match = /^page: (http:\/\/127\.0\.0\.1:\d+\/)/.exec(line);
      if (match) found(match[1]);
    });
    quickstart.on("exit", (code) => lost(new Error(`the quickstart ended with ${code}`)));
  });
  browser = await chromium.launch({
    executablePath: CHROMIUM, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  const problems = [];
  page.on("pageerror", (e) => problems.push(String(e)));
  page.problems = problems;
  await page.goto(address);
  if (shots) mkdirSync(shots, { recursive: true });
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  quickstart?.kill();
});

const shot = (name) => (shots ? page.screenshot({ path: `${shots}/${name}.png` }) : undefined);

test("the people are there, and choosing one shows what they got with ticks", { timeout: 60_000 }, async () => {
  await page.getByTestId("person").first().waitFor();
  assert.ok((await page.getByTestId("person").count()) > 5);
  // Somebody who got the offer and has not answered yet.
  await page.getByTestId("person").filter({ hasText: "Karoo Coffee" }).first().click();
  await page.getByTestId("bubble").first().waitFor();
  await page.getByTestId("tick").first().waitFor();
  await shot("chat");
});

test("an answer as that person arrives at the engine and stands in the chat", { timeout: 60_000 }, async () => {
  const text = "Do you ship to <b>Upington</b>?";
  await page.getByTestId("text").fill(text);
  await page.getByTestId("send").click();
  const bubble = page.getByTestId("bubble").filter({ hasText: text });
  await bubble.waitFor();
  assert.equal(await page.locator("[data-testid=bubble] b").count(), 0, "what people write is text, never markup");
});

test("STOP is confirmed, and the next campaign leaves the person out with the reason shown", { timeout: 120_000 }, async () => {
  await page.getByTestId("stop").click();
  // In whichever language the person has, the confirmation says how to come back.
  await page.getByTestId("bubble").filter({ hasText: "START" }).waitFor({ timeout: 60_000 });
  const before = await page.getByTestId("bubble").count();
  await page.getByTestId("panel-action").first().click();
  await page.getByTestId("panel").filter({ hasText: "SUPPRESSED" }).waitFor({ timeout: 60_000 });
  await shot("left-out");
  assert.equal(await page.getByTestId("bubble").count(), before, "nothing more reached the phone");
});

test("the page of preferences takes back and gives again, and following the link does neither", { timeout: 60_000 }, async () => {
  const link = /http:\/\/127\.0\.0\.1:\d+\/preferences\/\S+/;
  const [address] = link.exec(await page.getByTestId("panel").innerText());
  const other = await browser.newPage({ viewport: { width: 390, height: 800 } });
  const errors = [];
  other.on("pageerror", (e) => errors.push(String(e)));
  other.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  await other.goto(address);
  const offers = other.getByRole("checkbox").first();
  assert.equal(await offers.isChecked(), false, "they wrote STOP");
  await offers.check();
  await other.getByRole("button").first().click();
  await other.getByRole("status").waitFor();
  assert.equal(await offers.isChecked(), true);
  await other.goto(address);
  assert.equal(await offers.isChecked(), true, "looking changes nothing");
  if (shots) await other.screenshot({ path: `${shots}/preferences.png` });
  await other.locator("button[value=unsubscribe]").click();
  await other.getByRole("status").waitFor();
  assert.equal(await offers.isChecked(), false);
  const wide = await other.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  assert.equal(wide, false, "nothing runs out of the screen");
  // The browser asks for an icon by itself; the page has none.
  assert.deepEqual(errors.filter((e) => !/favicon|404|403/.test(e)), []);
  await other.close();
});

test("the page works on a narrow screen and made no errors", { timeout: 30_000 }, async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByTestId("bubble").first().waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  assert.equal(wide, false, "nothing runs out of the screen");
  await shot("narrow");
  assert.deepEqual(page.problems, []);
});
