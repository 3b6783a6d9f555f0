/** Kotlin offers every operation, port, record, enum and error of the core, and nothing else by those names. */
package dev.conek

import com.google.gson.JsonObject
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

class ParityTest {
    private val source = File(Surface.root, "bindings/uniffi/kotlin/target/generated/dev/conek/conek.kt").readText()

    /** A function as `name(param, optional?)`, with `?` behind what may be left out. */
    private fun functions(interfaceName: String): Set<String> {
        val start = Regex("""public interface $interfaceName\b[^{]*\{""").find(source)
            ?: error("the generated source has no interface $interfaceName")
        val body = block(start.range.last)
        return Regex("""fun `(\w+)`\((.*?)\)\s*(?::|$)""", setOf(RegexOption.MULTILINE, RegexOption.DOT_MATCHES_ALL))
            .findAll(body).map { match ->
                val params = match.groupValues[2].split(Regex(""",\s*(?=`)""")).filter { it.isNotBlank() }.map { param ->
                    val name = param.trim().substringAfter('`').substringBefore('`')
                    if ('=' in param) "$name?" else name
                }
                match.groupValues[1] + params.joinToString(prefix = "(", postfix = ")")
            }.toSet()
    }

    /** What stands between the brace at [open] and the one that closes it. */
    private fun block(open: Int): String {
        var depth = 0
        for (i in open until source.length) {
            when (source[i]) {
                '{' -> depth++
                '}' -> if (--depth == 0) return source.substring(open + 1, i)
            }
        }
        error("an unclosed brace")
    }

    private fun expected(operation: JsonObject): String {
        val params = operation.getAsJsonArray("params").objects().map {
            camel(it.text("name")) + if (it["optional"].asBoolean) "?" else ""
        }
        // A Kotlin object's `close()` frees it, so the core's is `shutdown`.
        val name = if (operation.text("name") == "close" && params.isEmpty()) "shutdown" else camel(operation.text("name"))
        return name + params.joinToString(prefix = "(", postfix = ")")
    }

    /** The class of a namespace: what its getter on the engine answers. */
    private fun classOf(namespace: String): String =
        if (namespace == "engine") "Engine"
        else Engine::class.java.getMethod(camel(namespace)).returnType.simpleName

    @Test
    fun `every namespace has the core's operations with the core's parameters and no others`() {
        val byNamespace = Surface.operations.groupBy { it.text("namespace") }
        for ((namespace, operations) in byNamespace) {
            val offered = functions(classOf(namespace) + "Interface").toMutableSet()
            if (namespace == "engine") {
                offered -= (byNamespace.keys - "engine").map { camel(it) + "()" }.toSet()
                assertTrue(offered.remove("session(actor)"), "an idiom of the surface")
            }
            assertEquals(operations.map(::expected).toSet(), offered, namespace)
        }
    }

    @Test
    fun `every function without an engine is there with the core's parameters`() {
        for (function in Surface.functions) {
            val declared = Regex("""(?m)^ *(?:@Throws\(\w+::class\) )?fun `${camel(function.text("name"))}`\((.*?)\)\s*(?::|=|\{)""", RegexOption.DOT_MATCHES_ALL)
                .find(source.replace("public fun", "fun")) ?: error("${function.text("name")} is missing")
            val names = Regex("""`(\w+)`\s*:""").findAll(declared.groupValues[1]).map { it.groupValues[1] }.toList()
            assertEquals(function.getAsJsonArray("params").objects().map { camel(it.text("name")) }, names)
        }
    }

    @Test
    fun `every port has the core's methods`() {
        for ((port, methods) in Surface.ports.groupBy { it.text("namespace") }) {
            val offered = functions(port).map { it.replace("?", "") }.toSet()
            assertEquals(methods.map { expected(it).replace("?", "") }.toSet(), offered, port)
        }
    }

    @Test
    fun `what is written by hand has the agreed parameters`() {
        val open = Surface.idioms.single { it.text("name") == "open" }.getAsJsonArray("params").map { camel(it.asString) }
        val declared = Regex("""suspend fun `open`\((.*?)\)\s*:\s*Engine""", RegexOption.DOT_MATCHES_ALL).find(source)
            ?: error("Engine.open is missing")
        assertEquals(open, Regex("""`(\w+)`\s*:""").findAll(declared.groupValues[1]).map { it.groupValues[1] }.toList())
    }

    @Test
    fun `every record has the core's fields`() {
        for (record in Surface.records) {
            val name = record.text("name")
            val fields = record.getAsJsonArray("fields").objects().map { camel(it.text("name")) }
            val declared = Class.forName("dev.conek.$name").declaredFields.map { it.name } - "Companion"
            assertEquals(fields, declared, name)
        }
    }

    @Test
    fun `every enum has the core's variants`() {
        for (sum in Surface.enums) {
            val name = sum.text("name")
            val type = Class.forName("dev.conek.$name")
            val codes = sum.getAsJsonArray("variants").objects().map { it.text("code") }.toSet()
            val declared = if (type.isEnum) {
                type.enumConstants.map { (it as Enum<*>).name.lowercase() }
            } else {
                (type.declaredClasses.map { it.simpleName } - "Companion").map(::snake)
            }
            assertEquals(codes, declared.toSet(), name)
        }
    }

    @Test
    fun `every kind of error has a class`() {
        val declared = ConekException::class.java.declaredClasses.map { it.simpleName }.toSet() - "ErrorHandler"
        assertEquals(Surface.errorKinds, declared)
    }

    private fun snake(name: String) = name.replace(Regex("(?<=.)([A-Z])"), "_$1").lowercase()
}
