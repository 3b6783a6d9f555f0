'use strict'
// What every error of conek is made of, and how a native failure becomes one.

const native = require('./native.js')

const MARK = 'conek:'
const kinds = new Map()

class ConekError extends Error {
  constructor(fields = {}, known = undefined) {
    const { variant } = new.target
    if (variant === undefined) throw new TypeError('ConekError is the base; throw one of its classes')
    const told = known ?? JSON.parse(native.describeError(variant, JSON.stringify(fields)))
    super(told.text)
    this.code = told.code
    this.retry = told.retry
    Object.assign(this, fields)
  }
  get name() {
    return this.constructor.name
  }
}

/** Makes `Kind` the class of the variant it names. */
function known(Kind) {
  kinds.set(Kind.variant, Kind)
  return Kind
}

/** Whether `error` is one of conek's own. */
function isConekError(error) {
  return error instanceof ConekError
}

function make(variant, fields, told) {
  const Kind = kinds.get(variant) ?? kinds.get('Internal')
  return new Kind(fields, told)
}

const where = / on (\w+)\.(\w+)/g
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())

/** A value that did not fit a parameter: which one, and what would have fitted. Never the value. */
function misfit({ message }) {
  const path = [...message.matchAll(where)].map(([, , field]) => camel(field)).reverse()
  const missing = /^Missing field `(\w+)`/.exec(message)
  if (missing) path.push(camel(missing[1]))
  const type = /into rust type `(?:Option<)?(\w+)/.exec(message)?.[1]
  const choice = /into enum `(\w+)`/.exec(message)?.[1]
  const detail = missing
    ? 'is missing'
    : choice
      ? `is none of the values of ${choice}`
      : type
        ? `must be a ${type.toLowerCase()}`
        : 'is not of the documented type'
  return make('InvalidInput', { field: path.join('.') || 'argument', detail })
}

const misfits = /(?:InvalidArg|Expected)$/

/** The error to throw for what the native side threw, with the caller's stack from `above` on. */
function raised(error, above) {
  let made
  if (typeof error?.message === 'string' && error.message.startsWith(MARK)) {
    const { variant, fields, ...told } = JSON.parse(error.message.slice(MARK.length))
    made = make(variant, fields, told)
  } else if (error instanceof ConekError) {
    made = error
  } else if (misfits.test(error?.code ?? '')) {
    made = misfit(error)
  } else {
    // The text of a panic may be about a person; the panic itself is on stderr.
    made = make('Internal', { detail: 'a panic, caught at the edge of the engine' })
  }
  Error.captureStackTrace(made, above)
  return made
}

/** What a host's method threw, in the words of `src/ports.rs`. */
function told(error) {
  const { variant } = error?.constructor ?? {}
  if (!(error instanceof ConekError)) return { class: String(error?.constructor?.name ?? typeof error) }
  const { code, retry, stack, message, cause, ...fields } = error
  // `retry` is a field of its own in some variants and derived in the others.
  return { class: error.name, variant, fields: JSON.stringify({ ...fields, retry }) }
}

module.exports = { ConekError, isConekError, known, raised, told }
