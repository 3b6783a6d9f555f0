// A host's own ports are checked by the suites that conek's own have to pass.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { TransportError } from 'conek'
import { checkStorage, checkTransport } from 'conek/testing'
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
