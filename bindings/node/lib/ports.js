'use strict'
// A host's ports, wrapped so that the native side never sees an exception.

const { channel } = require('node:diagnostics_channel')
const { told } = require('./conek-error.js')
const { given: withoutNulls } = require('./given.js')

// Hosts that want the exception itself (its text never enters the engine) subscribe here.
const failures = channel('conek:port-failure')

/** `method` of `host`, bound, as an async function that resolves with `[value, undefined]` or `[undefined, raised]`. */
function guarded(port, host, method, nothing) {
  return async (...given) => {
    try {
      const value = await host[method](...given)
      return [nothing ? true : withoutNulls(value), undefined]
    } catch (error) {
      if (failures.hasSubscribers) failures.publish({ port, method, error })
      return [undefined, told(error)]
    }
  }
}

const PORTS = {
  storage: { commit: false, get: false, find: false, count: false, claim: false, backup: true, verify: false },
  transport: { send: false, upload: false, markRead: true, verify: true, parse: false },
  keys: { wrap: false, unwrap: false },
  policy: { decide: false },
}

/** Methods that a host may leave out, and what is called in their place. */
const INSTEAD = { transport: { showTyping: 'markRead' } }

/** Methods that a host may leave out, and which are then refused as unsupported. */
const OPTIONAL = { transport: { manage: false, download: false } }

function wrapped(port, host) {
  if (host === null || typeof host !== 'object') throw misfit(port, 'must be an object')
  const made = {}
  for (const [method, nothing] of Object.entries(PORTS[port])) {
    if (typeof host[method] !== 'function') throw misfit(`${port}.${method}`, 'must be a function')
    made[method] = guarded(port, host, method, nothing)
  }
  for (const [method, instead] of Object.entries(INSTEAD[port] ?? {})) {
    const there = typeof host[method] === 'function' ? method : instead
    made[method] = guarded(port, host, there, PORTS[port][instead])
  }
  for (const [method, nothing] of Object.entries(OPTIONAL[port] ?? {})) {
    if (typeof host[method] === 'function') made[method] = guarded(port, host, method, nothing)
  }
  return made
}

function misfit(field, detail) {
  const { InvalidInputError } = require('./errors.js')
  return new InvalidInputError({ field, detail })
}

const given = (port, host) => (host == null ? undefined : wrapped(port, host))

function policy(host) {
  const made = wrapped('policy', host)
  if (typeof host.name !== 'string' || host.name === '') throw misfit('policy.name', 'must be a name')
  return { name: host.name, ...made }
}

/** What `src/engine.rs` takes: every port the host brought. */
function brought({ storage, transport, policies = [], keys } = {}) {
  return {
    storage: given('storage', storage),
    transport: given('transport', transport),
    keys: given('keys', keys),
    policies: Array.from(policies ?? [], policy),
  }
}

module.exports = { brought, wrapped, policy }
