'use strict'
// The package: the engine with its namespaces, the errors, the named values and the test clock.

const native = require('./lib/native.js')
const { ConekError, isConekError, raised } = require('./lib/conek-error.js')
const { EngineOperations } = require('./lib/operations.js')
const { VirtualClock, nativeClock } = require('./lib/clock.js')
const { given } = require('./lib/given.js')
const { brought } = require('./lib/ports.js')

class Engine extends EngineOperations {
  #native
  constructor(native) {
    super(native)
    this.#native = native
  }
  static async open(config, ports = {}) {
    try {
      return new Engine(await native.open(given(config), brought(ports), nativeClock(ports.clock)))
    } catch (error) {
      throw raised(error, Engine.open)
    }
  }
  session(actor) {
    try {
      return new Engine(native.session(this.#native, given(actor)))
    } catch (error) {
      throw raised(error, Engine.prototype.session)
    }
  }
  async [Symbol.asyncDispose]() {
    await this.close()
  }
}

module.exports = {
  Engine,
  VirtualClock,
  ConekError,
  isConekError,
  ...require('./lib/errors.js'),
  ...require('./lib/names.js'),
  ...require('./lib/functions.js'),
}
