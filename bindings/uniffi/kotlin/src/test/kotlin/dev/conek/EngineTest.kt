/** The way of a message, from a file of people to the phone and back, in Kotlin. */
package dev.conek

import java.nio.file.Path
import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

private const val PHONE = "+27821234567"

class EngineTest {
    @TempDir
    lateinit var folder: Path

    /** A Tuesday morning in South Africa, within marketing hours. */
    private val morning = Instant.parse("2026-11-24T08:00:00Z")
    private val clock = VirtualClock.at(morning)
    private val transport = RecordingTransport()
    private val engines = mutableListOf<Engine>()

    private suspend fun open(
        storage: Storage? = null,
        transport: Transport = this.transport,
        policies: List<ConsentPolicy> = emptyList(),
        keys: KeyProvider? = null,
    ): Engine {
        val config = Config(
            path = folder.resolve("conek.db").toString(), business = "Spaza Fresh",
            privacyContact = "privacy@example.org", region = "ZA", numbers = listOf(Number("100")), seed = 7,
        )
        return Engine.open(config, storage, transport, policies, keys, clock).also(engines::add)
    }

    @AfterEach
    fun close() = runBlocking { engines.forEach { it.shutdown() } }

    /** A person who has just written, so that free text may go to them. */
    private suspend fun customer(engine: Engine): PersonId {
        val contact = engine.contacts.upsert(NewContact(phone = PHONE, name = "Nomvula"))
        engine.inbound.handleWebhook(webhook("Hello", wamid = "in.1", sender = PHONE.drop(1), at = morning))
        assertTrue(engine.settle())
        return contact.id
    }

    private fun answer(dedupeKey: String? = null) =
        Draft(Recipient.Phone(PHONE), Content.Text("Your order is ready"), Purpose.SUPPORT, dedupeKey = dedupeKey)

    private fun offer(): Draft {
        val content = Content.Template("week_offer", "en", body = listOf(Parameter("", "20%")))
        return Draft(Recipient.Phone(PHONE), content, Purpose.MARKETING)
    }

    private suspend fun template(engine: Engine) {
        val body = "Spaza Fresh: {{1}} off this week. Reply STOP to opt out."
        engine.templates.put(
            Template(name = "week_offer", language = "en", category = TemplateCategory.MARKETING, status = "APPROVED", body = body),
        )
    }

    private suspend fun consenting(engine: Engine): PersonId {
        val person = customer(engine)
        val evidence = Evidence(reference = "form-17")
        engine.consent.record(
            ConsentEntry(person, Purpose.MARKETING, ConsentStatus.GIVEN, ConsentSource.FORM, evidence),
        )
        return person
    }

    @Test
    fun `a file of people is imported from bytes`() = runBlocking {
        val engine = open()
        val people = "phone,name,source\n082 123 4567,Nomvula,web shop\n0829876543,Pieter,web shop\n"
        val report = engine.contacts.importCsv(people.toByteArray())
        assertEquals(Triple(2L, 2L, emptyList<RowProblem>()), Triple(report.rows, report.created, report.problems))
        val contact = engine.contacts.lookup(Recipient.Phone("082 123 4567"))
        assertEquals(PHONE to "Nomvula", contact?.phone to contact?.name)
        assertEquals(2L, engine.contacts.count())
    }

    @Test
    fun `a store moves into another database and lives there`() = runBlocking {
        val engine = open()
        customer(engine)
        val to = folder.resolve("moved.db").toString()
        val moved = engine.migrate(to)
        assertEquals(1L, moved.kinds["contact"])
        assertFailsWith<ConekException.Conflict> { open() }
        val config = Config(
            path = to, business = "Spaza Fresh", privacyContact = "privacy@example.org", region = "ZA",
            numbers = listOf(Number("100")), keyFile = folder.resolve("conek.db").toString() + ".key",
        )
        val there = Engine.open(config, null, transport, emptyList(), null, clock).also(engines::add)
        assertEquals(1L, there.contacts.count())
        assertTrue(there.verify(true).sound)
    }

    @Test
    fun `an answer leaves through a transport written in Kotlin`() = runBlocking {
        val engine = open()
        val person = customer(engine)
        val sent = engine.messages.send(answer())
        assertEquals(person, sent.person)
        val message = engine.messages.wait(sent.id)
        assertEquals(MessageState.ACCEPTED to "wamid.1", message.state to message.wamid)
        val (permit, outgoing) = transport.sent.single()
        assertTrue(permit.isNotEmpty())
        assertEquals(Content.Text("Your order is ready"), outgoing.content)
        assertEquals(Address.Phone(PHONE), outgoing.to)
    }

    @Test
    fun `groups need a transport that manages, and flows a key`() = runBlocking {
        val engine = open()
        assertFailsWith<ConekException.Unsupported> { engine.platform.groups() }
        assertFailsWith<ConekException.Key> { engine.flowEndpoint.publicKey() }
        val elsewhere = HttpRequest(method = "GET", path = "/flow", headers = emptyMap(), body = ByteArray(0))
        val handled = engine.flowEndpoint.handleHttp(elsewhere)
        assertEquals(405 to null, handled.response?.status to handled.request)
    }

    @Test
    fun `one dedupe key is one message`() = runBlocking {
        val engine = open()
        customer(engine)
        val (first, second) = List(2) { engine.messages.send(answer("order-1")) }
        assertEquals(first.id, second.id)
        assertEquals(false to true, first.existed to second.existed)
        engine.settle()
        assertEquals(1, transport.sent.size)
    }

    @Test
    fun `marketing without consent is denied with reasons`() = runBlocking {
        val engine = open()
        template(engine)
        customer(engine)
        val decision = engine.policy.check(offer()).decision
        assertTrue(decision is Decision.Deny || decision is Decision.Ask)
        val denied = assertFailsWith<ConekException.Denied> { engine.messages.send(offer()) }
        assertEquals("denied", denied.code)
        assertTrue(denied.reasons.isNotEmpty())
        assertEquals(0, transport.sent.size)
    }

    @Test
    fun `consent with evidence lets marketing through until it is withdrawn`() = runBlocking {
        val engine = open()
        template(engine)
        val person = consenting(engine)
        engine.messages.send(offer())
        engine.settle()
        assertEquals(1, transport.sent.size)
        engine.consent.withdraw(person, Purpose.MARKETING, ConsentSource.AGENT)
        assertFailsWith<ConekException.Denied> { engine.messages.send(offer()) }
        assertEquals(ConsentStatus.WITHDRAWN, engine.consent.history(person).last().status)
    }

    @Test
    fun `a host's rule tightens`() = runBlocking {
        val engine = open(policies = listOf(NoMarketing()))
        template(engine)
        consenting(engine)
        val denied = assertFailsWith<ConekException.Denied> { engine.messages.send(offer()) }
        assertTrue("HOUSE_RULE" in denied.reasons)
    }

    @Test
    fun `a host's rule that fails denies`() = runBlocking {
        val broken = object : NoMarketing() {
            override suspend fun decide(cases: List<PolicyCase>): List<Decision> = throw IllegalStateException("no")
        }
        val engine = open(policies = listOf(broken))
        template(engine)
        consenting(engine)
        assertFailsWith<ConekException.Denied> { engine.messages.send(offer()) }
        assertEquals(0, transport.sent.size)
    }

    @Test
    fun `a transport that raises leaves the message in doubt and never repeats it`() = runBlocking {
        val falling = object : RecordingTransport() {
            override suspend fun send(permitId: String, message: Outgoing): SendOutcome {
                super.send(permitId, message)
                throw java.io.IOException("after the request")
            }
        }
        val engine = open(transport = falling)
        customer(engine)
        val sent = engine.messages.send(answer())
        engine.settle()
        clock.advanceMs(60_000)
        engine.settle()
        assertEquals(MessageState.IN_DOUBT, engine.messages.get(sent.id).state)
        assertEquals(1, falling.sent.size)
    }

    @Test
    fun `a cancelled coroutine does not take its message back`() = runBlocking {
        val begun = CompletableDeferred<Unit>()
        val mayGoOn = CompletableDeferred<Unit>()
        val slow = object : RecordingTransport() {
            override suspend fun send(permitId: String, message: Outgoing): SendOutcome {
                begun.complete(Unit)
                mayGoOn.await()
                return super.send(permitId, message)
            }
        }
        val engine = open(transport = slow)
        val person = customer(engine)
        val waiting = launch { engine.messages.wait(engine.messages.send(answer()).id) }
        begun.await()
        waiting.cancel()
        waiting.join()
        mayGoOn.complete(Unit)
        engine.settle()
        assertEquals(MessageState.ACCEPTED, engine.messages.ofPerson(person).single().state)
    }

    @Test
    fun `a webhook is verified, stored once and becomes events`() = runBlocking {
        val engine = open()
        val contact = engine.contacts.upsert(NewContact(phone = PHONE))
        val request = webhook("Is it open?", wamid = "in.7", sender = PHONE.drop(1), at = morning)
        assertFalse(engine.inbound.handleWebhook(request).duplicate)
        assertTrue(engine.inbound.handleWebhook(request).duplicate)
        val event = engine.inbound.stream().first { it.happening is Happening.Received }
        val received = assertIs<Happening.Received>(event.happening)
        assertEquals(Reply.Text("Is it open?"), received.reply)
        assertEquals(contact.id, event.person)
        assertFailsWith<ConekException.Signature> {
            engine.inbound.handleWebhook(request.copy(headers = mapOf("X-Signature" to "00")))
        }
    }

    @Test
    fun `the stream goes on behind its cursor and ends with the engine`() = runBlocking {
        val engine = open()
        customer(engine)
        val seen = engine.inbound.events()
        assertTrue(seen.events.isNotEmpty())
        launch { engine.shutdown() }
        assertEquals(emptyList(), engine.inbound.stream(seen.next).toList())
    }

    @Test
    fun `an engine runs on a storage and keys of the host's`() = runBlocking {
        val engine = open(storage = MemoryStorage(), keys = XorKeys())
        customer(engine)
        val message = engine.messages.wait(engine.messages.send(answer()).id)
        assertEquals(MessageState.ACCEPTED, message.state)
    }

    @Test
    fun `what is not there is an error with a code`() = runBlocking {
        val error = assertFailsWith<ConekException> { open().messages.get("nothing") }
        assertEquals("not_found", error.code)
    }
}
