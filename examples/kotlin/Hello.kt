import dev.conek.*
import kotlinx.coroutines.runBlocking

fun main() = runBlocking {
    val env = System.getenv()
    val engine = Engine.open(Config(
        path = "karoo.db", business = "Karoo Coffee", privacyContact = "privacy@karoo.example", region = "ZA",
        numbers = listOf(Number(id = env.getValue("CONEK_PHONE_NUMBER_ID"))),
        whatsapp = WhatsAppAccess(
            accessToken = env.getValue("CONEK_WHATSAPP_TOKEN"), appSecrets = listOf(env.getValue("CONEK_APP_SECRET")),
            verifyToken = env.getValue("CONEK_VERIFY_TOKEN"), baseUrl = env["CONEK_WHATSAPP_URL"]),
    ))
    val report = engine.contacts.importFile("contacts.csv", ImportOptions())
    println("${report.created} people, ${report.rejected} rows to look at")
    engine.templates.put(Template(
        name = "spring_offer", language = "en", category = TemplateCategory.MARKETING, status = "APPROVED",
        body = "Spring is here at Karoo Coffee.", footer = "Reply STOP to opt out"))
    val plan = engine.campaigns.plan(CampaignSpec(
        name = "Spring", audience = Audience.Everyone, template = "spring_offer", language = "en", purpose = Purpose.MARKETING))
    println("${plan.now} now, ${plan.later} later, ${plan.denied} not: ${plan.deniedBy.map { it.reason.text }}")
    engine.campaigns.start(plan.id)
    engine.settle(60_000)
    engine.shutdown()
}
