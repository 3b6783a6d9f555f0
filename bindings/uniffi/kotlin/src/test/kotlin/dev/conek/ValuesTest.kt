/** Values cross unchanged, are made with few words, and print nothing of a person. */
package dev.conek

import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import org.junit.jupiter.api.Test

class ValuesTest {
    @Test
    fun `a draft needs a recipient, a content and a purpose`() {
        val draft = Draft(
            to = Recipient.Phone("+27821234567"),
            content = Content.Text(body = "Your order is ready."),
            purpose = Purpose.TRANSACTIONAL,
        )
        assertNull(draft.notBefore)
        assertNull(draft.dedupeKey)
        assertEquals(draft, draft.copy())
    }

    @Test
    fun `nothing of a person is printed`() {
        val draft = Draft(Recipient.Phone("+27821234567"), Content.Text("Dear Thandi"), Purpose.SUPPORT)
        val contact = NewContact(phone = "+27821234567", name = "Thandi", attributes = mapOf("city" to "Durban"))
        val printed = listOf(draft, draft.to, draft.content, contact, listOf(contact)).joinToString()
        for (secret in listOf("27821234567", "Thandi", "Durban")) assertFalse(secret in printed, printed)
    }

    @Test
    fun `no secret of the host is printed`() {
        val access = WhatsAppAccess(accessToken = "token-7f3", appSecrets = listOf("secret-9c1"), verifyToken = "verify-2b8")
        val config = Config(path = "x.db", business = "Shop", privacyContact = "p@shop.example", whatsapp = access)
        for (secret in listOf("token-7f3", "secret-9c1", "verify-2b8")) {
            assertFalse(secret in access.toString())
            assertFalse(secret in config.toString())
        }
    }

    @Test
    fun `a virtual clock shows what a test sets`() {
        val clock = VirtualClock.at(Instant.parse("2026-11-24T07:00:00Z"))
        clock.advanceMs(90_000)
        assertEquals(Instant.parse("2026-11-24T07:01:30Z"), clock.now())
        clock.advanceTo(Instant.parse("2026-11-24T07:00:00Z"))
        assertEquals(Instant.parse("2026-11-24T07:01:30Z"), clock.now())
        clock.advanceTo(Instant.parse("2026-11-25T00:00:00.123Z"))
        assertEquals(Instant.parse("2026-11-25T00:00:00.123Z"), clock.now())
    }
}
