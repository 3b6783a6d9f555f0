import asyncio, os
import conek

async def main() -> None:
    env = os.environ
    async with await conek.open(conek.Config(
        path="karoo.db", business="Karoo Coffee", privacy_contact="privacy@karoo.example", region="ZA",
        numbers=[conek.Number(env["CONEK_PHONE_NUMBER_ID"])],
        whatsapp=conek.WhatsAppAccess(
            access_token=env["CONEK_WHATSAPP_TOKEN"], app_secrets=[env["CONEK_APP_SECRET"]],
            verify_token=env["CONEK_VERIFY_TOKEN"], base_url=env.get("CONEK_WHATSAPP_URL")),
    )) as engine:
        report = await engine.contacts.import_file("contacts.csv", conek.ImportOptions())
        print(report.created, "people,", report.rejected, "rows to look at")
        await engine.templates.put(conek.Template(
            name="spring_offer", language="en", category=conek.TemplateCategory.MARKETING, status="APPROVED",
            body="Spring is here at Karoo Coffee.", footer="Reply STOP to opt out"))
        plan = await engine.campaigns.plan(conek.CampaignSpec(
            name="Spring", audience=conek.Audience.Everyone(), template="spring_offer", language="en",
            purpose=conek.Purpose.MARKETING))
        print(plan.now, "now,", plan.later, "later,", plan.denied, "not:", [r.reason.text for r in plan.denied_by])
        await engine.campaigns.start(plan.id)
        await engine.settle(60_000)

asyncio.run(main())
