/** The surface as the core describes it: `bindings/surface.json`. */
package dev.conek

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File

internal object Surface {
    val root = File(System.getProperty("conek.root"))
    private val json: JsonObject = JsonParser.parseString(File(root, "bindings/surface.json").readText()).asJsonObject

    val errorCodes: List<String> = json.getAsJsonArray("error_codes").map { it.asString }
    val errorKinds: Set<String> = objects("errors").map { it["name"].asString }.toSet()
    val operations: List<JsonObject> = objects("operations")
    val ports: List<JsonObject> = objects("ports")
    val functions: List<JsonObject> = objects("functions")
    val idioms: List<JsonObject> = objects("idioms")
    val records: List<JsonObject> = objects("records")
    val enums: List<JsonObject> = objects("enums")

    private fun objects(name: String) = json.getAsJsonArray(name).objects()
}

internal fun JsonArray.objects(): List<JsonObject> = map { it.asJsonObject }

internal fun JsonObject.text(name: String): String = this[name].asString

/** `left_out` is `leftOut`. */
internal fun camel(snake: String): String =
    snake.split('_').let { words -> words[0] + words.drop(1).joinToString("") { it.replaceFirstChar(Char::uppercase) } }
