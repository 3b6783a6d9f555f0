'use strict'
// The clock that a test drives.

const native = require('./native.js')
const { raised } = require('./conek-error.js')

class VirtualClock {
  #native
  constructor(start) {
    try {
      this.#native = new native.VirtualClock(start)
    } catch (error) {
      throw raised(error, VirtualClock)
    }
  }
  static at(start) {
    return new VirtualClock(start)
  }
  /** The native clock of `clock`, for `Engine.open`. */
  static native(clock) {
    if (clock == null) return undefined
    // Anything else is refused by the native side.
    return clock instanceof VirtualClock ? clock.#native : clock
  }
  #do(method, ...given) {
    try {
      return this.#native[method](...given)
    } catch (error) {
      throw raised(error, this[method])
    }
  }
  now() {
    return this.#do('now')
  }
  advanceMs(by) {
    this.#do('advanceMs', by)
  }
  advanceTo(at) {
    this.#do('advanceTo', at)
  }
  setSpeed(speed) {
    this.#do('setSpeed', speed)
  }
}

// Not part of the package's surface.
const nativeClock = VirtualClock.native
delete VirtualClock.native

module.exports = { VirtualClock, nativeClock }
