/** What a host writes in Kotlin is held to the ports' promises, and its failures are understood. */
package dev.conek

import java.nio.file.Path
import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class PortsTest {
    private val Report.broken get() = failed.map { it.name }.toSet()

    @Test
    fun `a storage of a few lines of Kotlin keeps every promise`() = runBlocking {
        val report = checkStorage(MemoryStorage())
        assertEquals(emptyList(), report.failed)
        assertTrue(report.passed.size >= 25)
    }

    @Test
    fun `a storage that breaks a promise is told which`() = runBlocking {
        val report = checkStorage(object : MemoryStorage() {
            override suspend fun get(keys: List<Key>): List<Record?> = emptyList()
        })
        assertTrue("get_answers_per_key" in report.broken)
    }

    @Test
    fun `what a storage's exception says stays with the host`() = runBlocking {
        val report = checkStorage(object : MemoryStorage() {
            override suspend fun count(query: Query): Long = throw IllegalStateException("Nomvula's number is +27821234567")
        })
        assertTrue(report.failed.isNotEmpty())
        for (failure in report.failed) assertFalse("Nomvula" in failure.detail, failure.detail)
    }

    @Test
    fun `a cancelled wait does not stop the operation`() = runBlocking {
        val begun = CompletableDeferred<Unit>()
        val mayGoOn = CompletableDeferred<Unit>()
        val ended = CompletableDeferred<Unit>()
        val slow = object : MemoryStorage() {
            override suspend fun commit(batches: List<Batch>): List<Committed> {
                begun.complete(Unit)
                mayGoOn.await()
                return super.commit(batches)
            }
            override suspend fun verify(): Verification = super.verify().also { ended.complete(Unit) }
        }
        val waiting = launch { checkStorage(slow) }
        begun.await()
        waiting.cancel()
        waiting.join()
        mayGoOn.complete(Unit)
        // The suite's last calls still come.
        ended.await()
    }

    @Test
    fun `many calls at once all get their answer`() = runBlocking {
        val reports = List(4) { async { checkStorage(MemoryStorage()) } }.awaitAll()
        assertTrue(reports.all { it.failed.isEmpty() })
    }

    @Test
    fun `a transport written in Kotlin keeps every promise`() = runBlocking {
        val request = webhook("Hello", wamid = "in.1", sender = "27821234567", at = Instant.now())
        val report = checkTransport(RecordingTransport(), "100", accepting = true, webhook = request, updates = 1)
        assertEquals(emptyList(), report.failed)
        assertTrue(report.passed.containsAll(listOf("another_permit_sends_nothing", "late_permit_sends_nothing")))
    }

    @Test
    fun `a transport that trusts everybody is found out`() = runBlocking {
        val trusting = object : RecordingTransport() {
            override suspend fun verify(request: WebhookRequest) {}
        }
        assertTrue("unsigned_is_refused" in checkTransport(trusting, "100", accepting = true).broken)
    }

    @Test
    fun `a rule and a key provider written in Kotlin keep every promise`() = runBlocking {
        assertEquals(emptyList(), checkPolicy(NoMarketing()).failed)
        assertEquals(emptyList(), checkKeys(XorKeys()).failed)
    }

    @Test
    fun `a host that has not written a method yet fails and nothing waits for it`() = runBlocking {
        val unfinished = object : MemoryStorage() {
            override suspend fun verify(): Verification = TODO("not yet")
        }
        assertEquals(setOf("verify_counts"), checkStorage(unfinished).broken)
    }

    @Test
    fun `text that is no valid Unicode is repaired and nothing waits for it`() = runBlocking {
        val odd = object : MemoryStorage() {
            override suspend fun verify(): Verification = Verification(0, listOf("\uD800"))
        }
        assertEquals(setOf("verify_counts"), checkStorage(odd).broken)
    }

    @Test
    fun `an answer that cannot cross is a failure and nothing waits for it`() = runBlocking {
        val far = object : MemoryStorage() {
            override suspend fun get(keys: List<Key>): List<Record?> = super.get(keys).map { it?.copy(dueAt = Instant.MAX) }
        }
        assertTrue("get_answers_per_key" in checkStorage(far).broken)
    }

    @Test
    fun `what the account is set up with goes out and comes back`(@TempDir folder: Path) = runBlocking {
        val answers = mapOf(
            "100/whatsapp_commerce_settings" to """{"data": [{"is_cart_enabled": true}]}""",
            "100/username" to """{"status": "reserved"}""",
            "oauth/access_token" to """{"access_token": "a token", "token_type": "bearer"}""",
            "200" to """{"pricing_analytics": {"data": [{"data_points": [
                {"start": 1764547200, "end": 1764633600, "volume": 11, "country": "ZA"}]}]}}""",
        )
        val managing = object : RecordingTransport() {
            override suspend fun manage(call: GraphCall) = GraphAnswer(status = 200, json = answers.getValue(call.path))
        }
        val config = Config(
            path = folder.resolve("conek.db").toString(), business = "Spaza Fresh",
            privacyContact = "privacy@example.org", region = "ZA", numbers = listOf(Number("100")),
            businessAccount = "200", seed = 7,
        )
        val engine = Engine.open(config, transport = managing)
        try {
            val platform = engine.platform
            assertEquals(true, platform.commerceSettings().cartEnabled)
            assertEquals("reserved", platform.setUsername("spazafresh", false).status)
            val token = platform.exchangeCode(SignupCode("300", "a secret", "a code"))
            assertEquals("a token", token.accessToken)
            assertFalse("a token" in token.toString())
            val now = Instant.parse("2026-11-24T08:00:00Z")
            val week = AnalyticsRange(now.minusSeconds(604_800), now, Granularity.DAY)
            assertEquals(listOf(11L), platform.pricingAnalytics(week).map { it.volume })
        } finally {
            engine.shutdown()
        }
    }
}
