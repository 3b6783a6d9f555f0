/** What Kotlin writes otherwise than the core: errors' code and retry as properties, events as a Flow. */
package dev.conek

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** The stable code, for programs. */
public val ConekException.code: String get() = code()

/** Whether calling again can help. */
public val ConekException.retry: Retry get() = retry()

/**
 * Every event behind [after], in order, and then each new one as it comes. It ends with its collector
 * and with the engine. Keep the last event's `cursor` to go on from there after a restart: an event may then come
 * again, and none is left out.
 */
public fun Inbound.stream(after: String? = null): Flow<Event> = flow {
    var cursor = after
    while (true) {
        val page = try {
            nextEvents(cursor)
        } catch (_: ConekException.Closed) {
            return@flow
        }
        for (event in page.events) emit(event)
        cursor = page.next ?: cursor
    }
}
