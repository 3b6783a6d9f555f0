// What a person gets who asks for their data, in a real browser: readable, in their language, and nothing in it runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { QUICKSTART, CHROMIUM } = process.env;
const dir = mkdtempSync(join(tmpdir(), "conek-export-"));
let browser, page;

before(async () => {
  const zip = join(dir, "export.zip");
  const out = execFileSync(QUICKSTART, ["--limit", "400", "--seed", "7", "--speed", "1000", "--export", zip], { encoding: "utf8" });
  assert.match(out, /^export: /m);
  execFileSync("python3", ["-m", "zipfile", "-e", zip, dir]);
  browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"] });
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.problems = [];
  page.on("pageerror", (e) => page.problems.push(String(e)));
  page.on("console", (m) => m.type() === "error" && page.problems.push(m.text()));
  await page.goto(pathToFileURL(join(dir, "README.html")).href);
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true, force: true });
});

test("the page shows the person what is known of them", { timeout: 60_000 }, async () => {
  const text = await page.locator("body").innerText();
  assert.match(text, /\+\d{9,15}/, "their number");
  assert.match(text, /Karoo Coffee/, "who answers");
  assert.ok((await page.locator("h2").count()) >= 8, "a heading for each section");
  assert.ok((await page.locator("html").getAttribute("lang")).length >= 2);
});

test("nothing in it runs, loads or scrolls sideways, and its files are there", { timeout: 60_000 }, async () => {
  assert.equal(await page.locator("script, iframe, img, link[rel=stylesheet]").count(), 0);
  assert.deepEqual(page.problems, [], "its own rules allow its own style");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth + 1));
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).fontFamily !== ""), true);
  for (const link of await page.locator("a[href]").all()) {
    const href = await link.getAttribute("href");
    if (/^(https?:|mailto:|#)/.test(href)) continue;
    const answer = await page.context().newPage().then(async (p) => { const ok = p.goto(new URL(href, page.url()).href).then(() => true, (e) => /Download/.test(String(e))); const there = await ok; await p.close(); return there; });
    assert.ok(answer, `${href} is not there`);
  }
});
