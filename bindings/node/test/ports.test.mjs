// A host's own ports: what they return is used, and whatever they throw is harmless.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { promisify } from 'node:util'

import { DeniedError, StorageError, TransportError, UnsupportedError } from 'conek'
import { HostTransport, ORDER, open, order } from './host.mjs'
import { MemoryStorage } from './memory-storage.mjs'

async function person(engine) {
  await engine.templates.put(ORDER)
  const contact = await engine.contacts.upsert({ phone: '0821234567', name: 'Thandi' })
  return contact.id
}

test('an engine works on a storage written in JavaScript', async (t) => {
  const { engine, transport } = await open(t, { storage: new MemoryStorage() })
  const { id } = await engine.messages.send(order(await person(engine)))
  assert.equal((await engine.messages.wait(id)).state, 'accepted')
  assert.equal(transport.sent.length, 1)
})

test('a storage sees nothing of the person', async (t) => {
  const storage = new MemoryStorage()
  const seen = []
  const commit = storage.commit.bind(storage)
  storage.commit = (batches) => {
    seen.push(...batches)
    return commit(batches)
  }
  const { engine } = await open(t, { storage })
  await person(engine)
  await engine.settle()
  const text = JSON.stringify(seen, (key, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
  )
  assert.ok(seen.length > 0)
  assert.doesNotMatch(text, /Thandi|821234567/)
})

for (const [what, thrown, code] of [
  ['any exception', new Error('disk of 0821234567 is gone'), 'storage_unavailable'],
  ['no exception at all', undefined, 'storage_unavailable'],
  ['an error of conek', new StorageError({ fault: 'full', detail: 'free some space' }), 'storage_full'],
]) {
  test(`${what} of a storage is a StorageError, without its text unless it is ours`, async (t) => {
    const storage = new MemoryStorage()
    const { engine } = await open(t, { storage })
    const find = storage.find
    storage.find = () => {
      throw thrown
    }
    storage.count = storage.find
    const failed = await engine.contacts.list().catch((error) => error)
    storage.find = find
    assert.ok(failed instanceof StorageError, failed.stack)
    assert.equal(failed.code, code)
    assert.doesNotMatch(failed.message, /0821234567/)
  })
}

test('a storage that answers in another shape is a StorageError', async (t) => {
  const storage = new MemoryStorage()
  const { engine } = await open(t, { storage })
  const find = storage.find
  storage.find = async () => ({ records: 'all of them' })
  await assert.rejects(engine.contacts.list(), StorageError)
  storage.find = find
})

for (const [what, send] of [
  ['throws', () => { throw new Error('reset') }],
  ['rejects', async () => { throw new TypeError('reset') }],
  ['answers nothing', async () => undefined],
  ['answers in another shape', async () => ({ type: 'perhaps' })],
]) {
  test(`a send that ${what} may have left: it is in doubt and never repeated`, async (t) => {
    const transport = new HostTransport()
    let calls = 0
    transport.send = (...given) => {
      calls += 1
      return send(...given)
    }
    const { engine } = await open(t, { transport })
    const { id } = await engine.messages.send(order(await person(engine)))
    await engine.settle(2000)
    assert.equal((await engine.messages.get(id)).state, 'in_doubt')
    assert.equal(calls, 1)
  })
}

test('an upload that throws is a TransportError', async (t) => {
  const transport = new HostTransport()
  transport.upload = () => { throw new Error('no') }
  const { engine } = await open(t, { transport })
  const upload = { sender: '100', mime: 'image/png', filename: 'a.png', bytes: Buffer.from('89504e470d0a1a0a', 'hex') }
  await assert.rejects(engine.media.upload(upload), TransportError)
})

test('a transport manages the account, or is refused as unsupported', async (t) => {
  const { engine: without } = await open(t)
  await assert.rejects(without.platform.profile(), UnsupportedError)
  await assert.rejects(without.media.download('7'), UnsupportedError)
  const transport = new HostTransport()
  const calls = []
  transport.manage = async (call) => {
    calls.push(call)
    return { status: 200, json: '{"data": [{"about": "Coffee"}]}' }
  }
  const { engine } = await open(t, { transport })
  assert.equal((await engine.platform.profile()).about, 'Coffee')
  const [{ method, path, payload }] = calls
  await engine.platform.deleteGroup('Y2FwaV9ncm91cDox')
  assert.deepEqual([calls[1].method, calls[1].path], ['delete', 'Y2FwaV9ncm91cDox'])
  assert.deepEqual({ method, path, payload }, { method: 'get', path: '100/whatsapp_business_profile', payload: { type: 'empty' } })
  transport.manage = () => { throw new Error('no') }
  await assert.rejects(engine.platform.profile(), TransportError)
})

test('what the account is set up with goes out and comes back', async (t) => {
  const transport = new HostTransport()
  const point = { start: 1764547200, end: 1764633600, volume: 11, cost: 0.44, country: 'ZA' }
  const answers = {
    '100/whatsapp_commerce_settings': { data: [{ is_cart_enabled: true }] },
    '100/username': { status: 'reserved' },
    'oauth/access_token': { access_token: 'a token', token_type: 'bearer' },
    200: { pricing_analytics: { data: [{ data_points: [point] }] } },
  }
  const calls = []
  transport.manage = async (call) => {
    calls.push(call)
    return { status: 200, json: JSON.stringify(answers[call.path]) }
  }
  const { engine } = await open(t, { transport }, { businessAccount: '200' })
  const { platform } = engine
  assert.equal((await platform.commerceSettings()).cartEnabled, true)
  assert.equal((await platform.setUsername('spazafresh', false)).status, 'reserved')
  const token = await platform.exchangeCode({ app: '300', appSecret: 'a secret', code: 'a code' })
  assert.equal(token.accessToken, 'a token')
  const range = { start: new Date('2026-11-17T08:00:00Z'), end: new Date('2026-11-24T08:00:00Z'), granularity: 'day' }
  const [day] = await platform.pricingAnalytics(range, { dimensions: ['country'] })
  assert.deepEqual([day.volume, day.cost, day.country], [11, 0.44, 'ZA'])
  assert.ok(calls.at(-1).query.fields.includes('.dimensions(["COUNTRY"])'))
})

test('methods of a port keep their this', async (t) => {
  class Counting extends HostTransport {
    #calls = 0
    send(permitId, message) {
      this.#calls += 1
      return super.send(permitId, message)
    }
    get calls() {
      return this.#calls
    }
  }
  const transport = new Counting()
  const { engine } = await open(t, { transport })
  const { id } = await engine.messages.send(order(await person(engine)))
  await engine.messages.wait(id)
  assert.equal(transport.calls, 1)
})

const denied = { type: 'deny', reasons: [{ code: 'CLOSED_SHOP', provision: 'house rule', text: 'The shop is closed.' }] }
const allowed = { type: 'allow', basis: 'consent' }

test('a host\'s policy tightens', async (t) => {
  const seen = []
  const policy = {
    name: 'house/1',
    decide(cases) {
      seen.push(...cases)
      return cases.map(() => denied)
    },
  }
  const { engine, transport } = await open(t, { policies: [policy] })
  const id = await person(engine)
  const thrown = await engine.messages.send(order(id)).catch((error) => error)
  assert.ok(thrown instanceof DeniedError, thrown.stack)
  assert.ok(thrown.reasons.includes('CLOSED_SHOP'))
  assert.equal(seen[0].facts.person.id, id)
  assert.ok(seen[0].at instanceof Date)
  assert.equal(transport.sent.length, 0)
})

test('a host\'s policy never loosens', async (t) => {
  const { engine } = await open(t, { policies: [{ name: 'all/1', decide: (facts) => facts.map(() => allowed) }] })
  const id = await person(engine)
  await assert.rejects(engine.messages.send({ ...order(id), purpose: 'marketing' }), DeniedError)
})

for (const [what, decide] of [
  ['throws', () => { throw new Error('no') }],
  ['answers too little', () => []],
  ['answers in another shape', (facts) => facts.map(() => 'yes')],
]) {
  test(`a policy that ${what} denies`, async (t) => {
    const { engine, transport } = await open(t, { policies: [{ name: 'broken/1', decide }] })
    await assert.rejects(engine.messages.send(order(await person(engine))), DeniedError)
    assert.equal(transport.sent.length, 0)
  })
}

test('a host may look at the exceptions of its own ports', async (t) => {
  const seen = []
  const listener = (failure) => seen.push(failure)
  const failures = channel('conek:port-failure')
  failures.subscribe(listener)
  t.after(() => failures.unsubscribe(listener))
  const transport = new HostTransport()
  const error = new Error('no')
  transport.upload = () => { throw error }
  const { engine } = await open(t, { transport })
  await engine.media.upload({ sender: '100', mime: 'image/png', filename: 'a.png', bytes: Buffer.alloc(1) }).catch(() => {})
  assert.deepEqual(seen, [{ port: 'transport', method: 'upload', error }])
})

test('an open engine alone does not keep the process alive', async () => {
  const program = `
    import { open } from ${JSON.stringify(new URL('./host.mjs', import.meta.url).href)}
    await open({ after() {} })
    process.stdout.write('opened')`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  assert.equal((await run).stdout, 'opened')
})
