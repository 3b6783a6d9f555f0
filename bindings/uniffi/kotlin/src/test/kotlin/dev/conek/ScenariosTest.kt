/** Every scenario of `tests/scenarios` in Kotlin, one test for each file; the README there explains the words. */
package dev.conek

import com.google.gson.Gson
import com.google.gson.GsonBuilder
import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import java.io.File
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Modifier
import java.lang.reflect.ParameterizedType
import java.lang.reflect.Type
import java.lang.reflect.WildcardType
import java.nio.file.Path
import java.time.Instant
import java.time.OffsetDateTime
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.test.assertEquals
import kotlin.test.fail
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

private val corpus = File(Surface.root, "tests/scenarios")
private val pretty = GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create()

class ScenariosTest {
    @TestFactory
    fun scenarios(@TempDir folder: Path): List<DynamicTest> =
        corpus.list { _, file -> file.endsWith(".json") && file != "world.json" }!!.sorted().map { file ->
            val name = file.removeSuffix(".json")
            DynamicTest.dynamicTest(name) {
                // Not every report shows a dynamic test's name, so that the failure says it too.
                runCatching { runBlocking { Scenario(load(name), folder.resolve("$name.db")).run() } }
                    .onFailure { fail("$name, ${it.message}", it) }
            }
        }
}

private fun load(name: String) = JsonParser.parseString(File(corpus, "$name.json").readText()).asJsonObject

/** Answers as the scenario says and keeps what left. */
private class Script(outcomes: List<JsonElement>) : Transport {
    private val outcomes = ArrayDeque(outcomes)
    private val left = mutableListOf<JsonObject>()
    val sent: List<JsonObject> @Synchronized get() = left.toList()

    @Synchronized
    private fun next(message: Outgoing): JsonElement {
        left += json(message).asJsonObject
        return outcomes.removeFirstOrNull() ?: json(SendOutcome.Accepted("wamid.${left.size}", "accepted"))
    }

    override suspend fun send(permitId: String, message: Outgoing) = read(SendOutcome::class.java, next(message)) as SendOutcome
    override suspend fun upload(upload: Upload) = "media.1"
    override suspend fun markRead(sender: String, wamid: String) {}

    override suspend fun showTyping(sender: String, wamid: String) {}
    override suspend fun manage(call: GraphCall): GraphAnswer = throw ConekException.Unsupported("manage")
    override suspend fun download(url: String): ByteArray = throw ConekException.Unsupported("download")
    override suspend fun parse(body: ByteArray) = parseWebhook(body)
    override suspend fun verify(request: WebhookRequest) {
        if (request.headers["x-test-signature"] != "ok") throw ConekException.Signature("x-test-signature is not ok")
    }
}

private class Scenario(private val scenario: JsonObject, private val path: Path) {
    private val world = load("world")
    private val clock = VirtualClock.at(moment(given("clock")!!)!!)
    private val script = Script(scenario["outcomes"]?.asJsonArray?.toList().orEmpty())
    private val bound = HashMap(world.values("let") + scenario.values("let"))

    private fun given(key: String): JsonElement? = scenario[key] ?: world[key]

    private suspend fun open(): Engine {
        val config = resolve(given("config")!!).asJsonObject.apply { addProperty("path", "$path") }
        return Engine.open(read(Config::class.java, config) as Config, transport = script, clock = clock)
    }

    suspend fun run() {
        var engine = open()
        try {
            given("templates")?.asJsonArray?.forEach { call(engine, "templates.put", listOf(it)) }
            val setup = scenario["setup"]?.let { world["setups"].asJsonObject[it.asString].asJsonArray.objects() }.orEmpty()
            for ((i, step) in (setup + scenario["steps"].asJsonArray.objects()).withIndex()) {
                val op = step.text("do")
                bound.putAll(step.values("let"))
                val args = step["with"]?.asJsonArray?.map(::resolve).orEmpty()
                val came = try {
                    when (op) {
                        "settle" -> assertEquals(true, engine.settle(60_000), "step $i: it does not come to rest")
                        "clock.advance" -> clock.advanceMs(args[0].asLong)
                        "reopen" -> { engine.shutdown(); engine = open() }
                        else -> call(engine, op, args)
                    }
                } catch (error: ConekException) {
                    error
                }
                val seen = json(came)
                assertEquals(step.has("expect_error"), came is ConekException, "step $i, $op: whether it fails; what came: $seen")
                (step["expect_error"] ?: step["expect"])?.let { check("step $i, $op", it, seen) }
                step["as"]?.let { bound[it.asString] = seen }
            }
            val sent = JsonArray().apply { script.sent.sortedBy { it["to"].toString() }.forEach(::add) }
            check("sent", scenario["sent"] ?: fail("`sent` is missing"), sent)
        } finally {
            engine.shutdown()
        }
    }

    private fun check(place: String, wanted: JsonElement, came: JsonElement) {
        val found = differences(resolve(wanted), came, "")
        if (found.isNotEmpty()) fail(found.joinToString("\n  ", "$place\n  ", "\n\nwhat came: ${pretty.toJson(came)}"))
    }

    /** The value with every name in it replaced by what it stands for. */
    private fun resolve(value: JsonElement): JsonElement = when {
        value is JsonPrimitive && value.isString && value.asString.startsWith('$') -> named(value.asString.drop(1))
        value is JsonArray -> JsonArray().apply { value.forEach { add(resolve(it)) } }
        value is JsonObject && value.has("\$bytes") ->
            resolve(value["\$bytes"]).let { json((if (it is JsonPrimitive) it.asString else "$it").toByteArray()) }
        value is JsonObject -> JsonObject().apply {
            value["\$from"]?.let { from -> resolve(from).asJsonObject.entrySet().forEach { add(it.key, it.value) } }
            value.entrySet().filter { it.key != "\$from" }.forEach { add(it.key, resolve(it.value)) }
        }
        else -> value
    }

    private fun named(path: String): JsonElement {
        val name = path.substringBefore('.')
        val whole = when (name) {
            "now" -> json("${clock.now().epochSecond}")
            "sent" -> JsonArray().apply { script.sent.forEach(::add) }
            else -> resolve(bound[name] ?: fail("$$name is not bound"))
        }
        return path.split('.').drop(1).fold(whole) { at, key ->
            (if (at is JsonArray) at[key.toInt()] else at.asJsonObject[key]) ?: JsonNull.INSTANCE
        }
    }
}

private fun JsonObject.values(key: String) = this[key]?.asJsonObject?.asMap().orEmpty()

private fun moment(value: JsonElement): Instant? = runCatching { OffsetDateTime.parse(value.asString).toInstant() }.getOrNull()

/** Every difference between what is expected and what came, one line each. */
private fun differences(expected: JsonElement, actual: JsonElement, at: String): List<String> = when {
    expected is JsonObject && expected.has("\$contains") ->
        if (actual is JsonPrimitive && expected.text("\$contains") in actual.asString) emptyList()
        else listOf("$at: expected a text with ${expected["\$contains"]}, got $actual")
    expected is JsonObject && expected.has("\$has") && actual is JsonArray ->
        expected["\$has"].asJsonArray.filter { wanted -> actual.none { differences(wanted, it, "").isEmpty() } }
            .map { "$at: expected one like $it, got $actual" }
    expected is JsonObject && actual is JsonObject ->
        expected.entrySet().flatMap { (key, e) -> differences(e, actual[key] ?: JsonNull.INSTANCE, "$at.$key") }
    expected is JsonArray && actual is JsonArray && expected.size() == actual.size() ->
        expected.zip(actual).flatMapIndexed { i, (e, a) -> differences(e, a, "$at[$i]") }
    expected == actual || moment(expected)?.let { it == moment(actual) } == true -> emptyList()
    else -> listOf("$at: expected $expected, got $actual")
}

/** Calls an operation: `room.operation`, or the engine's own. */
private suspend fun call(engine: Engine, op: String, args: List<JsonElement>): Any? {
    val room: Any = if ('.' in op) Engine::class.java.getMethod(camel(op.substringBefore('.'))).invoke(engine) else engine
    val name = camel(op.substringAfter('.'))
    val method = room.javaClass.methods.single { it.name == name && it.parameterTypes.lastOrNull() == Continuation::class.java }
    val given = method.genericParameterTypes.dropLast(1).mapIndexed { i, type -> read(type, args.getOrElse(i) { JsonNull.INSTANCE }) }
    return suspendCoroutineUninterceptedOrReturn { done ->
        try {
            method.invoke(room, *given.toTypedArray(), done)
        } catch (raised: InvocationTargetException) {
            throw raised.targetException
        }
    }
}

private fun snake(name: String) = name.replace(Regex("(?<=.)([A-Z])"), "_$1").lowercase()

private fun fields(type: Class<*>) = type.declaredFields.filterNot { Modifier.isStatic(it.modifiers) }.onEach { it.isAccessible = true }

/** A value of conek's as JSON in the core's form. */
private fun json(value: Any?): JsonElement = when (value) {
    null, is Unit -> JsonNull.INSTANCE
    is Instant -> JsonPrimitive("$value")
    is Enum<*> -> JsonPrimitive(value.name.lowercase())
    is String, is kotlin.Number, is Boolean, is ByteArray -> Gson().toJsonTree(value)
    is List<*> -> JsonArray().apply { value.forEach { add(json(it)) } }
    is Map<*, *> -> JsonObject().apply { value.forEach { (key, of) -> add("$key", json(of)) } }
    else -> JsonObject().apply {
        val type = value.javaClass
        fields(type).forEach { add(snake(it.name), json(it.get(value))) }
        if (Modifier.isAbstract(type.superclass.modifiers)) addProperty("type", snake(type.simpleName))
        if (value is ConekException) mapOf("code" to value.code, "text" to "$value").forEach(::addProperty)
    }
}

/** JSON in the core's form as a value of this type. */
private fun read(type: Type, value: JsonElement): Any? = when {
    value.isJsonNull -> null
    type is WildcardType -> read(type.upperBounds[0], value)
    type is ParameterizedType && type.rawType == List::class.java ->
        value.asJsonArray.map { read(type.actualTypeArguments[0], it) }
    type == Instant::class.java -> moment(value) ?: fail("$value is no moment")
    type is Class<*> && type.isEnum -> type.enumConstants.single { json(it) == value }
    type is Class<*> && type.packageName == "dev.conek" && Modifier.isAbstract(type.modifiers) ->
        made(type.declaredClasses.single { snake(it.simpleName) == value.asJsonObject.text("type") }, value.asJsonObject)
    type is Class<*> && type.packageName == "dev.conek" -> made(type, value.asJsonObject)
    else -> Gson().fromJson(value, type)
}

/** An object of this class; what the JSON leaves out has the value that Kotlin's constructor gives it. */
private fun made(type: Class<*>, value: JsonObject): Any {
    val fields = fields(type)
    if (fields.isEmpty()) return type.getField("INSTANCE").get(null)
    val given = fields.map { value[snake(it.name)] }
    val values = fields.zip(given) { field, v ->
        if (v == null) java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(field.type, 1), 0) else read(field.genericType, v)
    }
    // A constructor with default values has a second form: a bit for each argument that is left out, and a marker.
    val missing = given.chunked(32) { part -> part.foldIndexed(0) { i, bits, v -> if (v == null) bits or (1 shl i) else bits } }
    val all = values + missing + null
    val maker = type.constructors.find { it.isSynthetic && it.parameterCount == all.size }
    if (maker != null) return maker.newInstance(*all.toTypedArray())
    return type.constructors.single { it.parameterCount == values.size }.newInstance(*values.toTypedArray())
}
