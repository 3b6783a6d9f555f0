'use strict'
// What a host's own tests need.

const native = require('./lib/native.js')
const { ConekError, raised, told } = require('./lib/conek-error.js')
const { policy, wrapped } = require('./lib/ports.js')

async function checkStorage(mine) {
  try {
    return await native.checkStorage(wrapped('storage', mine))
  } catch (error) {
    throw raised(error, checkStorage)
  }
}

async function checkTransport(mine, { sender, accepting = false, webhook, updates = 0 }) {
  try {
    return await native.checkTransport(wrapped('transport', mine), sender, accepting, webhook, updates)
  } catch (error) {
    throw raised(error, checkTransport)
  }
}

async function checkPolicy(mine) {
  try {
    return await native.checkPolicy(policy(mine))
  } catch (error) {
    throw raised(error, checkPolicy)
  }
}

async function checkKeys(mine) {
  try {
    return await native.checkKeys(wrapped('keys', mine))
  } catch (error) {
    throw raised(error, checkKeys)
  }
}

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())

function parseWebhook(body) {
  try {
    return JSON.parse(native.parseWebhook(body), (key, value) => {
      if (key === 'at') return new Date(value)
      // What is missing has no key, as in every other record.
      if (value === null) return undefined
      if (typeof value !== 'object' || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [camel(name), part]))
    })
  } catch (error) {
    throw raised(error, parseWebhook)
  }
}

async function fail(error) {
  if (!(error instanceof ConekError)) throw new TypeError('fail() takes one of the errors of conek')
  const { variant, fields } = told(error)
  try {
    await native.fail(variant, fields)
  } catch (thrown) {
    throw raised(thrown, fail)
  }
}

function panic() {
  try {
    native.panicNow()
  } catch (thrown) {
    throw raised(thrown, panic)
  }
}

async function panicLater() {
  try {
    await native.panicLater()
  } catch (thrown) {
    throw raised(thrown, panicLater)
  }
}

module.exports = { checkStorage, checkTransport, checkPolicy, checkKeys, parseWebhook, fail, panic, panicLater }
