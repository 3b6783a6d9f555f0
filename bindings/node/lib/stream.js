'use strict'
// Events as an async iterator.

const PAGE = 100
const WAIT_MS = 1000

/** Settles like `promise`, or rejects with the signal's reason as soon as it is aborted. */
function unless(signal, promise) {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

class EventStream {
  async *stream(after = undefined, { signal } = {}) {
    const { ClosedError } = require('./errors.js')
    signal?.throwIfAborted()
    for (;;) {
      let page
      try {
        page = await unless(signal, this.nextEvents(after, PAGE, WAIT_MS))
      } catch (error) {
        if (error instanceof ClosedError) return
        throw error
      }
      for (const event of page.events) {
        yield event
        signal?.throwIfAborted()
      }
      after = page.next ?? after
    }
  }
}

module.exports = { EventStream }
