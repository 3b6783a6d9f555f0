// The quickstart's job in Kotlin: a file of people, a consented campaign, answers, opt-outs.
// It talks to the WhatsApp at CONEK_WHATSAPP_URL: a `conek-simulator` on this machine.
package campaign

import com.sun.net.httpserver.HttpServer
import dev.conek.*
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest as Request
import java.net.http.HttpResponse as Response
import java.nio.file.Files
import java.time.Instant
import java.util.concurrent.Executors

private val env = System.getenv()

/** Tells the simulator something. Meta is told in its own pages. */
private fun simulator(path: String, json: String) {
    val request = Request.newBuilder(URI(env.getValue("CONEK_WHATSAPP_URL") + path))
        .header("content-type", "application/json").POST(Request.BodyPublishers.ofString(json)).build()
    val answer = HttpClient.newHttpClient().send(request, Response.BodyHandlers.ofString())
    check(answer.statusCode() == 200) { "the simulator answered ${answer.statusCode()}" }
}

/** One path of an HTTP server, handed to the engine. Any server does. */
private fun serveWebhooks(engine: Engine): HttpServer {
    val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
    server.executor = Executors.newFixedThreadPool(4) { Thread(it).apply { isDaemon = true } }
    server.createContext("/webhook") { exchange ->
        val answer = runBlocking {
            engine.inbound.handleHttp(HttpRequest(
                method = exchange.requestMethod, path = exchange.requestURI.toString(),
                headers = exchange.requestHeaders.mapValues { it.value.first() }, body = exchange.requestBody.readBytes()))
        }
        answer.headers.forEach { (name, value) -> exchange.responseHeaders.set(name, value) }
        exchange.sendResponseHeaders(answer.status, if (answer.body.isEmpty()) -1 else answer.body.size.toLong())
        exchange.responseBody.use { it.write(answer.body) }
    }
    server.start()
    return server
}

fun main(arguments: Array<String>) = runBlocking {
    // A Tuesday morning, so that marketing hours in South Africa are open whenever you try this.
    val clock = VirtualClock.at(Instant.parse("2026-11-24T07:00:00Z"))
    clock.setSpeed(20.0)
    simulator("/_sim/clock", """{"to": "2026-11-24T07:00:00Z", "speed": 20}""")
    val folder = Files.createTempDirectory("conek-")
    val engine = Engine.open(Config(
        path = folder.resolve("karoo.db").toString(), business = "Karoo Coffee", privacyContact = "privacy@karoo.example",
        region = "ZA", numbers = listOf(Number(id = env.getValue("CONEK_PHONE_NUMBER_ID"), perSecond = 1000)),
        whatsapp = WhatsAppAccess(
            accessToken = env.getValue("CONEK_WHATSAPP_TOKEN"), appSecrets = listOf(env.getValue("CONEK_APP_SECRET")),
            verifyToken = env.getValue("CONEK_VERIFY_TOKEN"), baseUrl = env.getValue("CONEK_WHATSAPP_URL")),
    ), clock = clock)
    val server = serveWebhooks(engine)
    simulator("/_sim/webhooks", """{"url": "http://127.0.0.1:${server.address.port}/webhook"}""")
    engine.notices.publish(NewNotice(
        language = "en", title = "Your data at Karoo Coffee", text = "We keep your number to write to you. ...", summary = "",
        contents = NoticeContents(
            categories = listOf("name and number"), controller = "Karoo Coffee", address = "12 Church Street, Graaff-Reinet",
            contact = "privacy@karoo.example", officer = "Thandi Maseko, privacy@karoo.example",
            purposes = listOf(NoticePurpose("comms.marketing", LegalBasis.CONSENT)), mandatory = false,
            consequences = "no offers", recipients = listOf("WhatsApp"),
            transfers = listOf(NoticeTransfer("US", "Data Privacy Framework")), retention = "until you say stop",
            rights = NoticeRight.entries, authority = "Information Regulator, inforegulator.org.za",
            automatedDecisions = false)))
    val report = engine.contacts.importFile(arguments[0], ImportOptions(source = "examples"))
    println("imported ${report.created}, duplicates ${report.duplicates}, rejected ${report.rejected}")
    engine.templates.put(Template(
        name = "spring_offer", language = "en", category = TemplateCategory.MARKETING, status = "APPROVED",
        body = "Spring is here at Karoo Coffee.", footer = "Reply STOP to opt out"))
    val plan = engine.campaigns.plan(CampaignSpec(
        name = "Spring", audience = Audience.Everyone, template = "spring_offer", language = "en", purpose = Purpose.MARKETING))
    println("planned ${plan.planned}: ${plan.now} now, ${plan.later} later, ${plan.denied} not")
    plan.deniedBy.forEach { println("  %6d %s: %s (%s)".format(it.people, it.reason.code, it.reason.text, it.reason.provision)) }
    engine.campaigns.start(plan.id)
    for (look in 1..60) {
        val now = engine.campaigns.progress(plan.id)
        if (now.waiting + now.sending + now.inDoubt == 0L && now.delivered + now.failed >= now.sent) break
        delay(250)
    }
    delay(1000)
    engine.settle(10_000)
    val done = engine.campaigns.progress(plan.id)
    println("sent ${done.sent} delivered ${done.delivered} read ${done.read} replied ${done.replied} " +
        "opted out ${done.optedOut} denied ${done.denied} in doubt ${done.inDoubt}")
    server.stop(0)
    engine.shutdown()
    folder.toFile().deleteRecursively()
    Unit
}
