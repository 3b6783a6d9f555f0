import { Engine, Purpose, TemplateCategory } from "conek";

const env = process.env;
const engine = await Engine.open({
  path: "karoo.db", business: "Karoo Coffee", privacyContact: "privacy@karoo.example", region: "ZA",
  numbers: [{ id: env.CONEK_PHONE_NUMBER_ID }],
  whatsapp: {
    accessToken: env.CONEK_WHATSAPP_TOKEN, appSecrets: [env.CONEK_APP_SECRET],
    verifyToken: env.CONEK_VERIFY_TOKEN, baseUrl: env.CONEK_WHATSAPP_URL,
  },
});
const report = await engine.contacts.importFile("contacts.csv", {});
console.log(`${report.created} people, ${report.rejected} rows to look at`);
await engine.templates.put({
  name: "spring_offer", language: "en", category: TemplateCategory.Marketing, status: "APPROVED",
  body: "Spring is here at Karoo Coffee.", footer: "Reply STOP to opt out",
});
const plan = await engine.campaigns.plan({
  name: "Spring", audience: { type: "everyone" }, template: "spring_offer", language: "en", purpose: Purpose.Marketing,
});
console.log(`${plan.now} now, ${plan.later} later, ${plan.denied} not:`, plan.deniedBy.map((r) => r.reason.text));
await engine.campaigns.start(plan.id);
await engine.settle(60_000);
await engine.close();
