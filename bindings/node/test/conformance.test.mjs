// A host's own ports are checked by the suites that conek's own have to pass.

import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { KeyError, TransportError } from 'conek'
import { checkKeys, checkPolicy, checkStorage, checkTransport } from 'conek/testing'
import { HostTransport, SENDER, written } from './host.mjs'
import { MemoryStorage } from './memory-storage.mjs'

test('a small storage in JavaScript keeps every promise of the port', async () => {
  const { passed, failed } = await checkStorage(new MemoryStorage())
  assert.deepEqual(failed, [])
  assert.ok(passed.length > 20)
})

test('a storage that forgets is found out, case by case', async () => {
  const storage = new MemoryStorage()
  storage.commit = (batches) => batches.map(() => ({ type: 'done', appended: [] }))
  const { failed } = await checkStorage(storage)
  assert.ok(failed.some(({ name }) => name === 'records_come_back_whole'))
  assert.ok(failed.every(({ promise, detail }) => promise.length > 0 && detail.length > 0))
})

test('a storage that throws fails the suite and not the process', async () => {
  const storage = new MemoryStorage()
  storage.get = () => {
    throw new RangeError('always')
  }
  const { failed } = await checkStorage(storage)
  assert.ok(failed.length > 0)
})

const webhook = written('27821234567', 'hello')

test('a small transport in JavaScript keeps every promise of the port', async () => {
  const { passed, failed } = await checkTransport(new HostTransport(), { sender: SENDER, accepting: true, webhook, updates: 1 })
  assert.deepEqual(failed, [])
  assert.ok(passed.includes('every_update_once') && passed.includes('another_permit_sends_nothing'))
})

test('a transport without a connection says so and promises nothing', async () => {
  const transport = new HostTransport()
  transport.send = () => ({ type: 'not_sent', detail: 'no connection' })
  transport.upload = transport.markRead = () => {
    throw new TransportError({ detail: 'no connection', retry: 'later' })
  }
  const { failed } = await checkTransport(transport, { sender: SENDER, webhook, updates: 1 })
  assert.deepEqual(failed, [])
})

test('a transport that takes any signature is found out', async () => {
  const transport = new HostTransport()
  transport.verify = () => {}
  const { failed } = await checkTransport(transport, { sender: SENDER, webhook, updates: 1 })
  assert.ok(failed.some(({ name }) => name === 'unsigned_is_refused'))
})

const reasons = [{ code: 'HOUSE', provision: 'house rule', text: 'The house says no.' }]

test('a rule that follows the facts keeps every promise of the port', async () => {
  const allow = { type: 'allow', basis: 'consent' }
  const decide = (cases) => cases.map((one) => (one.facts.person.suppressed ? { type: 'deny', reasons } : allow))
  const { passed, failed } = await checkPolicy({ name: 'house/1', decide })
  assert.deepEqual(failed, [])
  assert.ok(passed.length > 0)
})

test('a rule that answers differently each time is found out', async () => {
  let turn = 0
  const decide = (facts) => facts.map(() => (turn++ % 3 === 0 ? { type: 'deny' } : { type: 'allow', basis: 'consent' }))
  const { failed } = await checkPolicy({ name: 'moody/1', decide })
  assert.ok(failed.length > 0)
})

class Keys {
  #key = randomBytes(32)
  wrap(key) {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    const sealed = Buffer.concat([cipher.update(key), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
  }
  unwrap(wrapped) {
    try {
      const cipher = createDecipheriv('aes-256-gcm', this.#key, wrapped.subarray(0, 12), { authTagLength: 16 })
      cipher.setAuthTag(wrapped.subarray(12, 28))
      return Buffer.concat([cipher.update(wrapped.subarray(28)), cipher.final()])
    } catch {
      throw new KeyError({ detail: 'this is not what was wrapped' })
    }
  }
}

test('a key provider in JavaScript keeps every promise of the port', async () => {
  const { passed, failed } = await checkKeys(new Keys())
  assert.deepEqual(failed, [])
  assert.ok(passed.length > 0)
})

test('a key provider that hides nothing and notices nothing is found out', async () => {
  const { failed } = await checkKeys({ wrap: (key) => key, unwrap: (wrapped) => wrapped })
  assert.ok(failed.length > 0)
})
