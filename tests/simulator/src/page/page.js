// The phones: lists people, shows one chat, writes as that person. Every text goes in as text, never as HTML.
"use strict";

const $ = (id) => document.getElementById(id);
const state = { search: "", limit: 50, listSeen: 0, chosen: null, chatSeen: 0, earlier: [], first: 0 };

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") node.addEventListener("click", value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
}

async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const clockText = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const TICKS = {
  accepted: ["◷", "accepted"], sent: ["✓", "sent"], delivered: ["✓✓", "delivered"], read: ["✓✓", "read"], failed: ["!", "failed"],
};

function tick(kind, code) {
  const [sign, word] = TICKS[kind] || TICKS.accepted;
  const label = kind === "failed" && code ? `${word} (${code})` : word;
  return el("span", { class: `tick ${kind}`, "data-testid": "tick", "data-tick": kind, role: "img", "aria-label": label, title: label },
    kind === "failed" && code ? `${sign} ${code}` : sign);
}

// The people

function personRow(person) {
  const last = person.last;
  const chosen = person.number === state.chosen;
  return el("li", {},
    el("button", {
      type: "button", class: "person", "data-testid": "person", "data-number": person.number, "aria-current": chosen ? "true" : null,
      onclick: () => choose(person.number),
    },
      el("b", {}, person.name),
      el("span", { class: "when" }, last ? clockText(last.at) : ""),
      el("span", { class: "last" }, last && last.tick ? tick(last.tick) : "", last && last.tick ? " " : "", last ? last.text : `+${person.number}`),
      person.unread ? el("span", { class: "unread", "data-testid": "unread", "aria-label": `${person.unread} unread` }, String(person.unread)) : el("span"),
    ));
}

async function showPeople() {
  const query = new URLSearchParams({ search: state.search, limit: state.limit, since: state.listSeen });
  const told = await ask(`/_sim/phones?${query}`);
  if (told.unchanged) return;
  state.listSeen = told.revision;
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.number : null;
  $("people").replaceChildren(...told.people.map(personRow));
  if (focused) {
    const again = [...$("people").querySelectorAll(".person")].find((p) => p.dataset.number === focused);
    if (again) again.focus();
  }
  $("more").hidden = !told.more || state.limit >= 200;
  $("nobody").hidden = told.people.length > 0;
  $("counts").textContent = `${told.total} people, ${told.accepted} messages to them, ${told.inbound} from them`;
}

// One chat

function media(kind, content) {
  const signs = { image: "🖼", video: "🎞", gif: "🎞", audio: "🎧", document: "📄", sticker: "✨", product: "🛒" };
  const name = content.filename || content.link || content.product_retailer_id || (content.id ? `file ${content.id}` : "");
  const word = kind === "audio" && content.voice ? "voice message" : kind;
  return el("span", { class: "card", "data-testid": "media" }, `${signs[kind] || "📎"} ${word}`, el("br"), el("small", {}, name));
}

function place(content) {
  const lines = [content.name, content.address, `${content.latitude}, ${content.longitude}`].filter(Boolean);
  return el("span", { class: "card", "data-testid": "place" }, `📍 ${lines.shift()}`, ...lines.flatMap((l) => [el("br"), el("small", {}, l)]));
}

function contact(content) {
  const name = content.name ? content.name.formatted_name : "";
  const details = [...(content.phones || []).map((p) => p.phone), ...(content.emails || []).map((e) => e.email),
    ...(content.urls || []).map((u) => u.url), content.org ? content.org.company : ""].filter(Boolean);
  return el("span", { class: "card", "data-testid": "contact" }, `👤 ${name}`, ...details.flatMap((d) => [el("br"), el("small", {}, d)]));
}

// A button that does something outside of the chat: shown, and not to be pressed here.
function deed(sign, text, small) {
  return el("span", { class: "card", "data-testid": "deed" }, `${sign} ${text}`, small ? el("br") : "", small ? el("small", {}, small) : "");
}

const price = (amount, currency) => (amount ? `${(amount.value / (amount.offset || 100)).toFixed(2)} ${currency || ""}`.trim() : "");

function products(sections) {
  return (sections || []).map((s) => deed("🛒", s.title || "Products", (s.product_items || []).map((p) => p.product_retailer_id).join(", ")));
}

function order(told) {
  const inner = told.order || {};
  const items = (inner.items || []).map((i) => `${i.quantity} × ${i.name} ${price(i.sale_amount || i.amount, told.currency)}`);
  return deed("🧾", `Order ${told.reference_id}`, [...items, price(told.total_amount, told.currency)].filter(Boolean).join("; "));
}

function carouselCard(line, card) {
  const action = card.action || {}, parameters = action.parameters || {};
  return el("span", { class: "card", "data-testid": "carousel-card" }, headerOf(card.header), card.body ? el("div", {}, card.body.text) : "",
    ...(action.buttons || []).map((b) => choice(line, (b.quick_reply || {}).title || "", { kind: "button_reply", id: (b.quick_reply || {}).id, title: (b.quick_reply || {}).title })),
    parameters.url ? link(parameters.display_text || parameters.url, parameters.url) : "");
}

// What the kinds of interactive message have beside their words.
function deeds(line, kind, action) {
  const told = action.parameters || {};
  switch (kind) {
    case "cta_url": return [link(told.display_text || told.url, told.url)];
    case "flow": return [deed("📝", told.flow_cta || "Form", told.flow_name || told.flow_id)];
    case "location_request_message":
      return [choice(line, "📍 Send location", { kind: "location", latitude: -33.92, longitude: 18.42, name: null })];
    case "request_contact_info": return [deed("👤", "Share phone number")];
    case "call_permission_request": return [deed("📞", "Allow calls?")];
    case "voice_call": return [deed("📞", told.display_text || "Call Now")];
    case "catalog_message": return [deed("🛒", "View catalog", told.thumbnail_product_retailer_id)];
    case "product": return [deed("🛒", "View", action.product_retailer_id)];
    case "product_list": return products(action.sections);
    case "carousel": return (action.cards || []).map((card) => carouselCard(line, card));
    case "address_message": return [deed("🏠", "Provide address", told.country)];
    case "order_details": return [order(told)];
    case "order_status": return [deed("🧾", `Order ${told.reference_id}: ${(told.order || {}).status}`, (told.order || {}).description)];
    default: return [];
  }
}

function link(text, url) {
  const safe = /^https?:\/\//.test(url || "") ? url : null;
  return el("a", { href: safe, target: "_blank", rel: "noopener noreferrer", "data-testid": "link" }, text);
}

function choice(line, text, say, small) {
  return el("button", { type: "button", "data-testid": "choice", onclick: () => speak(say, line.id, line.phone_number_id) },
    text, small ? el("small", {}, small) : "");
}

function headerOf(header) {
  if (!header) return "";
  const kind = header.kind || header.type;
  if (kind === "text") return el("div", { class: "head" }, header.text || "");
  if (kind === "location") return place(header.media || header.location || {});
  return media(kind, header.media || header[kind] || {});
}

function interactive(line, content) {
  const kind = content.type;
  if (content[kind] && kind.endsWith("_reply")) {
    return [el("div", { class: "body" }, content[kind].title || ""), content[kind].description ? el("div", { class: "foot" }, content[kind].description) : ""];
  }
  const parts = [headerOf(content.header), el("div", { class: "body" }, content.body ? content.body.text : `[${kind}]`),
    content.footer ? el("div", { class: "foot" }, content.footer.text) : ""];
  const choices = el("div", { class: "choices" });
  const action = content.action || {};
  for (const button of action.buttons || []) {
    const reply = button.reply || {};
    choices.append(choice(line, reply.title || "", { kind: "button_reply", id: reply.id, title: reply.title }));
  }
  if (kind === "list") {
    const list = el("details", { "data-testid": "list" }, el("summary", {}, action.button || "Choose"));
    for (const section of action.sections || []) {
      if (section.title) list.append(el("b", {}, section.title));
      for (const row of section.rows || []) {
        list.append(el("div", { class: "choices" }, choice(line, row.title || "",
          { kind: "list_reply", id: row.id, title: row.title, description: row.description || null }, row.description)));
      }
    }
    choices.append(list);
  }
  choices.append(...deeds(line, kind, action));
  return [...parts, choices];
}

function templateButton(line, button) {
  if (button.type === "QUICK_REPLY") return choice(line, button.text, { kind: "button", text: button.text, payload: button.payload });
  if (button.url) return link(button.text, button.url);
  if (button.code) return deed("📋", button.text || "Copy code", button.code);
  return deed("", button.text || button.type || "");
}

function contentOf(line) {
  const message = line.message, kind = message.type, content = message[kind] || {};
  switch (kind) {
    case "text": return [el("div", { class: "body" }, content.body || "")];
    case "button": return [el("div", { class: "body" }, content.text || "")];
    case "image": case "video": case "audio": case "document": case "sticker":
      return [media(kind, content), el("div", { class: "body" }, content.caption || "")];
    case "location": return [place(content)];
    case "contacts": return content.map(contact);
    case "interactive": return interactive(line, content);
    case "template": {
      const choices = el("div", { class: "choices" });
      const offer = content.offer ? deed("⏳", content.offer.text, content.offer.ends_at ? `until ${new Date(content.offer.ends_at).toLocaleString()}` : "") : "";
      for (const button of content.buttons || []) choices.append(templateButton(line, button));
      for (const card of content.cards || []) {
        choices.append(el("span", { class: "card", "data-testid": "carousel-card" }, headerOf(card.header), el("div", {}, card.body || ""),
          ...(card.buttons || []).map((button) => templateButton(line, button))));
      }
      return [headerOf(content.header), offer, el("div", { class: "body" }, content.body || ""),
        content.footer ? el("div", { class: "foot" }, content.footer) : "", choices];
    }
    default: return [el("span", { class: "card" }, `[${kind}]`)];
  }
}

function bubble(line, texts, reactions) {
  if (line.kind === "system") return el("li", { class: "system", "data-testid": "system" }, line.text);
  const out = line.kind === "out";
  const context = line.message.context;
  const quoted = context ? texts.get(context.id || context.message_id) : null;
  const reaction = reactions.get(line.id);
  const meta = el("div", { class: "meta" },
    out ? el("button", { type: "button", class: "react", "aria-label": "React with a thumb up", "data-testid": "react",
      onclick: () => speak({ kind: "reaction", message_id: line.id, emoji: "👍" }, null, line.phone_number_id) }, "☺") : "",
    line.typing ? "typing… " : "", clockText(line.at), out ? tick(line.tick, line.failed) : line.read ? tick("read") : tick("delivered"));
  return el("li", { class: `bubble ${out ? "out" : "in"} ${out && line.tick === "failed" ? "failed" : ""}`, "data-testid": "bubble",
    "data-from": out ? "business" : "person", "data-id": line.id },
    el("span", { class: "unseen" }, out ? `${line.business}: ` : "This person: "),
    quoted ? el("div", { class: "quote" }, quoted) : "", ...contentOf(line), meta,
    reaction ? el("span", { class: "reaction", "data-testid": "reaction" }, reaction) : "");
}

function plain(line) {
  const content = line.message[line.message.type] || {};
  const text = typeof content.body === "string" ? content.body : (content.body && content.body.text) || content.text || content.caption || `[${line.message.type}]`;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function draw(chat) {
  const lines = [...state.earlier, ...chat.chat.filter((l) => !state.earlier.length || l.index > state.earlier[state.earlier.length - 1].index)];
  const texts = new Map(), reactions = new Map(), shown = [];
  for (const line of lines) {
    if (line.kind !== "system" && line.message.type === "reaction") {
      const { message_id, emoji } = line.message.reaction || {};
      if (emoji) reactions.set(message_id, emoji); else reactions.delete(message_id);
      continue;
    }
    if (line.kind !== "system") texts.set(line.id, plain(line));
    shown.push(line);
  }
  const box = $("lines");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  const openLists = new Set([...box.querySelectorAll("details[open]")].map((d) => d.closest("li").dataset.id));
  box.replaceChildren(...shown.map((line) => bubble(line, texts, reactions)));
  for (const item of box.children) if (openLists.has(item.dataset.id)) { const d = item.querySelector("details"); if (d) d.open = true; }
  if (atEnd) box.scrollTop = box.scrollHeight;
  $("name").textContent = chat.name;
  const about = [`+${chat.number}`, chat.persona.replaceAll("_", " ")];
  if (chat.blocked) about.push("blocked the business");
  if (chat.stopped_marketing) about.push("stopped marketing");
  $("about").textContent = about.join(" · ");
  state.first = lines.length ? lines[0].index : 0;
  $("earlier").hidden = state.first === 0;
}

async function showChat() {
  const number = state.chosen;
  if (!number) return;
  const chat = await ask(`/_sim/phones/${number}?since=${state.chatSeen}`);
  if (chat.unchanged || number !== state.chosen) return;
  state.chatSeen = chat.revision;
  draw(chat);
}

async function choose(number) {
  Object.assign(state, { chosen: number, chatSeen: 0, earlier: [], listSeen: 0 });
  document.body.classList.add("chatting");
  $("choose").hidden = true;
  $("open").hidden = false;
  $("lines").replaceChildren();
  $("panel-told").textContent = "";
  location.hash = number;
  await refresh();
  $("lines").scrollTop = $("lines").scrollHeight;
}

async function speak(say, context, to) {
  await ask("/_sim/say", { from: state.chosen, say, context: context || null, to: to || null });
  await refresh();
  $("lines").scrollTop = $("lines").scrollHeight;
}

// The side panel

async function showPanel() {
  const told = await ask(`/_sim/panel${state.chosen ? `?phone=${state.chosen}` : ""}`);
  $("panel").hidden = told === null;
  document.querySelector("main").classList.toggle("panelled", told !== null);
  if (told === null) return;
  const key = JSON.stringify(told);
  if (key === state.panelSeen) return;
  state.panelSeen = key;
  $("panel-title").textContent = told.title || "";
  $("panel-rows").replaceChildren(...(told.rows || []).flatMap((row) => [el("dt", {}, String(row.label)), el("dd", { "data-testid": "panel-value" }, String(row.value))]));
  $("panel-lines").replaceChildren(...(told.lines || []).map((line) => el("li", {}, String(line))));
  $("panel-actions").replaceChildren(...(told.actions || []).map((action) =>
    el("button", { type: "button", "data-testid": "panel-action", "data-action": action.id, onclick: (event) => act(event.target, action.id) }, String(action.label))));
}

async function act(button, id) {
  button.disabled = true;
  try {
    const told = await ask("/_sim/panel", { id, phone: state.chosen });
    $("panel-told").textContent = told && told.message ? String(told.message) : "Done.";
  } catch {
    $("panel-told").textContent = "That did not work.";
  }
  button.disabled = false;
  await refresh();
}

async function showClock() {
  const told = await ask("/_sim/clock");
  $("time").textContent = new Date(told.now).toLocaleString();
  $("drive").hidden = !told.virtual;
}

let refreshing = null;
async function refresh() {
  // One round at a time; who asks meanwhile waits for the next.
  while (refreshing) await refreshing;
  refreshing = Promise.all([showPeople(), showChat(), showPanel(), showClock()])
    .then(() => { $("lost").hidden = true; }, () => { $("lost").hidden = false; })
    .finally(() => { refreshing = null; });
  await refreshing;
}

$("search").addEventListener("input", (event) => { Object.assign(state, { search: event.target.value, listSeen: 0, limit: 50 }); refresh(); });
$("more").addEventListener("click", () => { Object.assign(state, { limit: state.limit + 50, listSeen: 0 }); refresh(); });
$("back").addEventListener("click", () => { document.body.classList.remove("chatting"); });
$("earlier").addEventListener("click", async () => {
  const before = await ask(`/_sim/phones/${state.chosen}?before=${state.first}`);
  const now = await ask(`/_sim/phones/${state.chosen}`);
  state.earlier = [...before.chat, ...state.earlier];
  draw(now);
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = $("text").value.trim();
  if (!body) return;
  $("text").value = "";
  speak({ kind: "text", body });
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); $("composer").requestSubmit(); }
});
$("photo").addEventListener("click", () => {
  const caption = $("text").value.trim();
  $("text").value = "";
  speak({ kind: "image", caption: caption || null });
});
$("stop").addEventListener("click", () => speak({ kind: "text", body: "STOP" }));
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", async () => { await ask("/_sim/clock", { advance_ms: Number(button.dataset.advance) }); refresh(); });
}

const first = location.hash.slice(1);
if (/^[0-9]{7,15}$/.test(first)) choose(first); else refresh();
setInterval(() => { if (!document.hidden && !refreshing) refresh(); }, 1000);
