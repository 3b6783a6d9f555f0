// What goes wrong reaches JavaScript as one of the errors of the package.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as conek from 'conek'
import { Engine, VirtualClock } from 'conek'
import { fail, panic, panicLater } from 'conek/testing'
import { surface, camel } from './surface.mjs'

const samples = { text: 'x', 'list<text>': ['SUPPRESSED'], StorageFault: 'full', Retry: 'later' }

for (const { name, fields } of surface.errors) {
  test(`${name} keeps its class, code, retry and fields on its way through the engine`, async () => {
    const Kind = conek[`${name}Error`]
    const given = Object.fromEntries(fields.map((field) => [camel(field.name), samples[field.type]]))
    const made = new Kind(given)
    const thrown = await fail(made).catch((error) => error)
    assert.ok(thrown instanceof Kind && thrown instanceof conek.ConekError && thrown instanceof Error)
    assert.notEqual(thrown, made)
    assert.ok(surface.error_codes.includes(thrown.code))
    assert.ok(['never', 'later', 'unknown'].includes(thrown.retry))
    assert.equal(thrown.name, `${name}Error`)
    assert.ok(thrown.message.length > 0)
    for (const [field, value] of Object.entries(given)) assert.deepEqual(thrown[field], value)
    assert.ok(conek.isConekError(thrown))
  })
}

test('a storage error says by its code which fault it is', async () => {
  const codes = Object.values(conek.StorageFault).map((fault) => new conek.StorageError({ fault, detail: 'x' }).code)
  assert.deepEqual(new Set(codes), new Set(surface.error_codes.filter((code) => code.startsWith('storage_'))))
})

test('a full disk is worth another try later, a wrong value is not', () => {
  assert.equal(new conek.StorageError({ fault: 'full', detail: 'x' }).retry, 'later')
  assert.equal(new conek.InvalidInputError({ field: 'to', detail: 'x' }).retry, 'never')
})

test('an error that is not of conek is not taken for one', () => {
  assert.equal(conek.isConekError(Object.assign(new Error('x'), { code: 'closed' })), false)
})

test('the stack of an error leads to the line that called', async function caller() {
  const thrown = await fail(new conek.ClosedError()).catch((error) => error)
  assert.match(thrown.stack, /errors\.test\.mjs/)
})

test('a panic in a synchronous function is an InternalError and the process lives', () => {
  assert.throws(panic, (error) => error instanceof conek.InternalError && error.code === 'internal')
})

test('a panic in an asynchronous function is an InternalError and the process lives', async () => {
  await assert.rejects(panicLater(), (error) => error instanceof conek.InternalError)
})

test('the text of a panic does not reach the error', async () => {
  const thrown = await panicLater().catch((error) => error)
  assert.doesNotMatch(JSON.stringify({ ...thrown, text: thrown.message }), /made for a test/)
})

const config = { path: 'unused.db', business: 'Shop', privacyContact: 'privacy@shop.example' }

for (const [what, wrong, field] of [
  ['a missing field', { path: 'x', business: 'Shop' }, 'privacyContact'],
  ['a number for a text', { ...config, business: 27821234567 }, 'business'],
  ['a text inside a list', { ...config, numbers: [{ id: 27821234567 }] }, 'numbers.id'],
]) {
  test(`${what} is an InvalidInputError that names the field and never the value`, async () => {
    const thrown = await Engine.open(wrong).catch((error) => error)
    assert.ok(thrown instanceof conek.InvalidInputError, thrown.stack)
    assert.equal(thrown.field, field)
    assert.doesNotMatch(thrown.stack, /27821234567/)
  })
}

test('a port without one of its methods is refused before anything is opened', async () => {
  const thrown = await Engine.open(config, { transport: { send() {} } }).catch((error) => error)
  assert.ok(thrown instanceof conek.InvalidInputError)
  assert.equal(thrown.field, 'transport.upload')
})

test('an invalid date is refused: it would mean 1970', () => {
  assert.throws(() => VirtualClock.at(new Date('no date')), (error) => error.code === 'invalid_input')
})

test('the virtual clock stands still until it is moved', () => {
  const start = new Date('2026-11-24T07:00:00.123Z')
  const clock = VirtualClock.at(start)
  assert.deepEqual(clock.now(), start)
  clock.advanceMs(1500)
  assert.deepEqual(clock.now(), new Date(start.getTime() + 1500))
  clock.advanceTo(start)
  assert.deepEqual(clock.now(), new Date(start.getTime() + 1500))
  clock.advanceTo(new Date('2026-12-24T07:00:00Z'))
  assert.deepEqual(clock.now(), new Date('2026-12-24T07:00:00Z'))
})
