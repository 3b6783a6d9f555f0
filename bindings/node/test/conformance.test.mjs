// A host's own ports are checked by the suites that conek's own have to pass.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { checkStorage } from 'conek/testing'
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
