/** What a host would write: a storage in memory, a transport that records, a rule, a key provider. */
package dev.conek

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import java.security.MessageDigest
import java.time.Instant
import java.util.concurrent.CopyOnWriteArrayList
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

private class Refused(val reason: String) : Exception()

/** Everything in one map; a batch works on a copy that then takes its place. */
internal open class MemoryStorage : Storage {
    private val turn = Mutex()
    private var records = mapOf<Key, Record>()
    private var appended = 0

    private fun name(record: Record) = Key(record.account, record.kind, record.id)

    override suspend fun commit(batches: List<Batch>): List<Committed> = turn.withLock {
        batches.map { batch ->
            val before = records
            val ids = mutableListOf<String>()
            var at = 0
            try {
                batch.writes.forEachIndexed { i, write -> at = i; apply(write)?.let(ids::add) }
                Committed.Done(ids)
            } catch (refused: Refused) {
                records = before
                Committed.Conflict(at, refused.reason)
            }
        }
    }

    private fun apply(write: Write): String? {
        when (write) {
            is Write.Insert -> if (name(write.record) in records) throw Refused("exists") else store(write.record)
            is Write.Put -> store(write.record)
            is Write.Replace -> { at(name(write.record), write.version); store(write.record) }
            is Write.Append -> {
                val id = (++appended).toString().padStart(20, '0')
                store(write.record.copy(id = id))
                return id
            }
            is Write.Change -> {
                val patch = write.patch
                val old = at(patch.key, patch.version)
                store(
                    old.copy(
                        state = patch.state, queue = patch.queue, dueAt = patch.dueAt,
                        clear = patch.clear ?: old.clear, sealed = patch.sealed ?: old.sealed,
                        tokens = patch.tokens ?: old.tokens,
                    ),
                )
            }
            is Write.Delete -> { at(write.key, write.version); records = records - write.key }
            is Write.Check -> if (write.version == 0L) {
                if (write.key in records) throw Refused("exists")
            } else {
                at(write.key, write.version)
            }
        }
        return null
    }

    private fun at(key: Key, version: Long): Record =
        records[key]?.takeIf { it.version == version } ?: throw Refused("version")

    private fun store(record: Record) {
        val key = name(record)
        for (token in record.tokens.filter { it.unique }) {
            val taken = records.any { (other, held) ->
                other.account == key.account && other.kind == key.kind && other.id != key.id &&
                    held.tokens.any { it.unique && it.name == token.name && it.value == token.value }
            }
            if (taken) throw Refused("token:${token.name}")
        }
        records = records + (key to record.copy(version = (records[key]?.version ?: 0) + 1))
    }

    override suspend fun get(keys: List<Key>): List<Record?> = turn.withLock { keys.map { records[it] } }

    /** What a record is sorted by under the index, or nothing where it does not belong to it. */
    private fun place(record: Record, index: Index): List<String>? = when (index) {
        is Index.Id -> listOf(record.id)
        is Index.Token -> listOf(record.id).takeIf { record.tokens.any { it.name == index.name && it.value == index.value } }
        is Index.Group -> listOf(record.id).takeIf { record.group == index.group }
        is Index.Subject -> listOf(record.kind, record.id).takeIf { index.person in record.subjects }
        is Index.Due -> record.dueAt?.takeIf { record.queue == index.queue && it <= index.until }?.let { listOf(text(it), record.id) }
        is Index.Expired -> record.expiresAt?.takeIf { it <= index.until }?.let { listOf(text(it), record.kind, record.id) }
    }

    private fun text(at: Instant) = at.toEpochMilli().toString().padStart(15, '0')

    private fun matching(query: Query): List<Pair<String, Record>> {
        val found = records.values
            .filter { it.account == query.account && (query.kind.isEmpty() || it.kind == query.kind) }
            .filter { query.state == null || it.state == query.state }
            .mapNotNull { record -> place(record, query.index)?.let { it.joinToString("\u0000") to record } }
            .sortedBy { it.first }
        return if (query.descending) found.reversed() else found
    }

    override suspend fun find(query: Query): Page = turn.withLock {
        val after = query.after
        val rest = matching(query).filter { after == null || if (query.descending) it.first < after else it.first > after }
        val page = rest.take(query.limit)
        Page(page.map { it.second }, page.lastOrNull()?.first?.takeIf { rest.size > page.size })
    }

    override suspend fun count(query: Query): Long = turn.withLock { matching(query).size.toLong() }

    override suspend fun claim(work: Claim): List<Record> = turn.withLock {
        val due = records.values
            .filter { it.account == work.account && it.kind == work.kind && it.queue == work.queue && it.state == work.state }
            .filter { record -> record.dueAt?.let { it <= work.now } ?: false }
            .sortedWith(compareBy({ it.dueAt }, { it.id }))
        due.take(work.limit).map {
            store(it.copy(state = work.newState, queue = work.newQueue, dueAt = work.leaseUntil))
            records.getValue(name(it))
        }
    }

    override suspend fun backup(to: String) {
        if (!File(to).createNewFile()) throw ConekException.Storage(StorageFault.UNAVAILABLE, "the file exists already")
    }

    override suspend fun shutdown() {}

    override suspend fun verify(): Verification = turn.withLock { Verification(records.size.toLong()) }
}

private fun sign(body: ByteArray): String {
    val mac = Mac.getInstance("HmacSHA256")
    mac.init(SecretKeySpec("the app's secret".toByteArray(), "HmacSHA256"))
    return mac.doFinal(body).joinToString("") { "%02x".format(it) }
}

internal fun webhook(text: String, wamid: String, sender: String, at: Instant): WebhookRequest {
    val update = JsonObject()
    mapOf("receiver" to "100", "wamid" to wamid, "at" to at.toString(), "text" to text, "from" to sender)
        .forEach(update::addProperty)
    val body = update.toString().toByteArray()
    return WebhookRequest(mapOf("X-Signature" to sign(body)), body)
}

/** Accepts everything and keeps it; its webhooks are JSON with an HMAC. */
internal open class RecordingTransport : Transport {
    val sent = CopyOnWriteArrayList<Pair<String, Outgoing>>()

    override suspend fun send(permitId: String, message: Outgoing): SendOutcome {
        sent += permitId to message
        return SendOutcome.Accepted(wamid = "wamid.${sent.size}", status = "accepted")
    }

    override suspend fun upload(upload: Upload): String = "media-${upload.bytes.size}"

    override suspend fun markRead(sender: String, wamid: String) {}

    override suspend fun showTyping(sender: String, wamid: String) {}
    override suspend fun manage(call: GraphCall): GraphAnswer = throw ConekException.Unsupported("manage")
    override suspend fun download(url: String): ByteArray = throw ConekException.Unsupported("download")

    override suspend fun verify(request: WebhookRequest) {
        val given = request.headers.entries.firstOrNull { it.key.equals("X-Signature", ignoreCase = true) }?.value.orEmpty().toByteArray()
        if (!MessageDigest.isEqual(given, sign(request.body).toByteArray())) {
            throw ConekException.Signature("X-Signature does not fit the body")
        }
    }

    override suspend fun parse(body: ByteArray): Parsed {
        val update = JsonParser.parseString(String(body)).asJsonObject
        val message = Update.Message(
            receiver = update.text("receiver"), wamid = update.text("wamid"), waId = update.text("from"),
            at = Instant.parse(update.text("at")), reply = Reply.Text(update.text("text")),
        )
        return Parsed(listOf(message))
    }
}

/** A host's rule that lets nothing promotional through. */
internal open class NoMarketing : ConsentPolicy {
    override fun name(): String = "no-marketing/1"

    override suspend fun decide(cases: List<PolicyCase>): List<Decision> = cases.map {
        if (it.facts.message?.purpose == Purpose.MARKETING) {
            Decision.Deny(listOf(Reason("HOUSE_RULE", "the house", "no promotion this week")))
        } else {
            Decision.Allow(Basis.CONTRACT)
        }
    }
}

/** A key provider as simple as one can be: a mask, and a signature by which it knows its own. */
internal class XorKeys : KeyProvider {
    private fun turn(bytes: ByteArray) = ByteArray(bytes.size) { (bytes[it].toInt() xor 0x5A).toByte() }

    override suspend fun wrap(key: ByteArray): ByteArray = sign(key).toByteArray() + turn(key)

    override suspend fun unwrap(wrapped: ByteArray): ByteArray {
        val length = sign(byteArrayOf()).length
        if (wrapped.size >= length) {
            val key = turn(wrapped.copyOfRange(length, wrapped.size))
            if (MessageDigest.isEqual(sign(key).toByteArray(), wrapped.copyOf(length))) return key
        }
        throw ConekException.Key("these bytes were wrapped by another key")
    }
}
