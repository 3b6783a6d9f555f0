/** An error arrives as its class, with its code, its fields and a text; a panic arrives as an error. */
package dev.conek

import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test

class ErrorsTest {
    @Test
    fun `every error code arrives as an exception that knows its code`() = runBlocking {
        for (code in Surface.errorCodes) {
            val error = assertFailsWith<ConekException>(code) { testingFail(code) }
            assertEquals(code, error.code)
        }
    }

    @Test
    fun `an exception carries the fields of its kind and says whether a retry helps`() = runBlocking {
        val denied = assertFailsWith<ConekException.Denied> { testingFail("denied") }
        assertEquals(listOf("reasons"), denied.reasons)
        assertEquals(Retry.NEVER, denied.retry)
        val full = assertFailsWith<ConekException.Storage> { testingFail("storage_full") }
        assertEquals(StorageFault.FULL, full.fault)
        assertEquals(Retry.LATER, full.retry)
    }

    @Test
    fun `an exception's text is the core's`() = runBlocking {
        val error = assertFailsWith<ConekException> { testingFail("invalid_input") }
        assertEquals("field: detail", error.toString())
    }

    @Test
    fun `a host catches every exception of conek by one class and each kind by its own`() = runBlocking {
        val caught: ConekException = assertFailsWith { testingFail("signature") }
        val kind = when (caught) {
            is ConekException.Signature -> "signature"
            is ConekException.Closed, is ConekException.Conflict, is ConekException.Denied,
            is ConekException.Forbidden, is ConekException.Internal, is ConekException.InvalidInput,
            is ConekException.Key,
            is ConekException.NotFound, is ConekException.Storage, is ConekException.Transport,
            is ConekException.Unsupported,
            -> "another"
        }
        assertEquals("signature", kind)
    }

    @Test
    fun `a panic is an exception and the engine goes on`() = runBlocking {
        repeat(3) {
            val error = assertFailsWith<ConekException> { testingPanic() }
            assertIs<ConekException.Internal>(error)
            assertEquals("internal", error.code)
            assertEquals(Retry.UNKNOWN, error.retry)
            assertFalse("asked for by a test" in error.toString(), "the panic's text may name a person")
        }
        assertEquals("closed", assertFailsWith<ConekException> { testingFail("closed") }.code)
    }
}
