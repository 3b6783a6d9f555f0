// An engine with a transport written in JavaScript does what it promises.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { ClosedError, DeniedError, Engine, NotFoundError, SignatureError, StorageError } from 'conek'
import { HostTransport, OFFER, ORDER, SENDER, TUESDAY, offer, open, order, written } from './host.mjs'

const CSV = Buffer.from('name,phone,source\nThandi,082 123 4567,web shop\nPieter,+27 83 765 4321,web shop\n')

async function people(engine) {
  await engine.contacts.importCsv(CSV, { source: 'web shop' })
  const { contacts } = await engine.contacts.list()
  return contacts.sort((a, b) => a.phone.localeCompare(b.phone))
}

test('people are imported from the bytes of a CSV file', async (t) => {
  const { engine } = await open(t)
  const report = await engine.contacts.importCsv(CSV)
  assert.deepEqual([report.rows, report.created, report.rejected], [2, 2, 0])
  assert.equal(await engine.contacts.count(), 2)
  const thandi = await engine.contacts.lookup({ type: 'phone', number: '0821234567' })
  assert.equal(thandi.phone, '+27821234567')
  assert.ok(thandi.createdAt instanceof Date)
  assert.equal(await engine.contacts.lookup({ type: 'phone', number: '0820000000' }), null)
})

test('a message leaves through the host\'s transport, once, with a permit', async (t) => {
  const { engine, transport } = await open(t)
  await engine.templates.put(ORDER)
  const [thandi] = await people(engine)
  const sent = await engine.messages.send(order(thandi.id))
  assert.equal(sent.person, thandi.id)
  assert.equal(sent.decision.type, 'allow')
  const message = await engine.messages.wait(sent.id)
  assert.equal(message.state, 'accepted')
  assert.equal(message.wamid, 'wamid.1')
  assert.equal(transport.sent.length, 1)
  assert.deepEqual(transport.sent[0].to, { type: 'phone', number: '+27821234567' })
  assert.equal(transport.sent[0].sender, SENDER)
  assert.deepEqual(transport.sent[0].content.body, [{ name: '', text: '42' }])
  assert.ok(transport.permits[0].length > 0)
})

test('what is null is missing, wherever it stands', async (t) => {
  const { engine } = await open(t)
  await engine.templates.put({ ...ORDER, header: null, footer: null })
  const contact = await engine.contacts.upsert({
    phone: '082 123 4567', name: 'Thandi', bsuid: null, language: null, zone: null,
    provenance: { source: 'web shop', context: 'form', obtainedAt: null, objectionOffered: false, evidence: null },
  })
  assert.equal(contact.language, undefined)
  const sent = await engine.messages.send({ ...order(contact.id), dedupeKey: null, replyTo: null, sender: null })
  assert.equal(sent.decision.type, 'allow')
  const kept = { name: null }
  await assert.rejects(engine.contacts.upsert(kept))
  assert.deepEqual(kept, { name: null }, 'what the host gave stays as it is')
  await assert.rejects(engine.contacts.upsert(null))
})

test('the same dedupe key is the same message', async (t) => {
  const { engine, transport } = await open(t)
  await engine.templates.put(ORDER)
  const [thandi] = await people(engine)
  const draft = order(thandi.id, { dedupeKey: 'order-42' })
  const [first, second] = [await engine.messages.send(draft), await engine.messages.send(draft)]
  assert.equal(first.id, second.id)
  assert.deepEqual([first.existed, second.existed], [false, true])
  await engine.settle()
  assert.equal(transport.sent.length, 1)
})

test('marketing without consent is denied with its reasons and provisions', async (t) => {
  const { engine, transport } = await open(t)
  await engine.templates.put(OFFER)
  const [thandi] = await people(engine)
  const said = await engine.policy.check(offer(thandi.id))
  assert.equal(said.decision.type, 'deny')
  assert.ok(said.decision.reasons.every((reason) => reason.code && reason.provision && reason.text))
  const thrown = await engine.messages.send(offer(thandi.id)).catch((error) => error)
  assert.ok(thrown instanceof DeniedError, thrown.stack)
  assert.deepEqual(thrown.reasons, said.decision.reasons.map((reason) => reason.code))
  await engine.settle()
  assert.equal(transport.sent.length, 0)
})

test('marketing with recorded consent leaves, and after withdrawal nothing does', async (t) => {
  const { engine, transport } = await open(t)
  await engine.templates.put(OFFER)
  const [thandi] = await people(engine)
  const view = await engine.consent.record({
    person: thandi.id,
    purpose: 'marketing',
    status: 'given',
    source: 'form',
    evidence: { reference: 'form-7' },
  })
  assert.deepEqual([view.status, view.demonstrable], ['given', true])
  const { id } = await engine.messages.send(offer(thandi.id))
  assert.equal((await engine.messages.wait(id)).state, 'accepted')
  await engine.consent.withdraw(thandi.id, 'marketing', 'agent')
  await assert.rejects(engine.messages.send(offer(thandi.id)), DeniedError)
  assert.equal(transport.sent.length, 1)
})

test('a webhook is verified, stored and read by the host\'s transport, and followed as events', async (t) => {
  const { engine } = await open(t)
  const [thandi] = await people(engine)
  const ack = await engine.inbound.handleWebhook(written('27821234567', 'Is my order there?'))
  assert.equal(ack.duplicate, false)
  for await (const event of engine.inbound.stream()) {
    if (event.happening.type !== 'received') continue
    assert.equal(event.person, thandi.id)
    assert.deepEqual(event.happening.reply, { type: 'text', body: 'Is my order there?' })
    assert.deepEqual(event.at, TUESDAY)
    break
  }
  await engine.inbound.markRead(SENDER, 'wamid.in')
})

test('a webhook with a wrong signature is refused', async (t) => {
  const { engine } = await open(t)
  const forged = { ...written('27821234567', 'hello'), headers: { 'X-Signature': '00' } }
  await assert.rejects(engine.inbound.handleWebhook(forged), SignatureError)
})

test('a stream goes on behind its cursor, stops when aborted and ends with the engine', async (t) => {
  const { engine } = await open(t)
  await people(engine)
  await engine.inbound.handleWebhook(written('27821234567', 'one', 'wamid.a'))
  await engine.settle()
  const { events } = await engine.inbound.events()
  const last = events.at(-1).cursor
  const stop = new AbortController()
  const rest = engine.inbound.stream(last, { signal: stop.signal }).next()
  stop.abort(new Error('enough'))
  await assert.rejects(rest, /enough/)
  const end = engine.inbound.stream(last).next()
  await engine.close()
  assert.deepEqual(await end, { done: true, value: undefined })
})

test('what is not there is a NotFoundError, and a closed engine says that it is closed', async (t) => {
  const { engine } = await open(t)
  const thrown = await engine.messages.get('nothing').catch((error) => error)
  assert.ok(thrown instanceof NotFoundError, thrown.stack)
  assert.equal(thrown.code, 'not_found')
  assert.match(thrown.stack, /engine\.test\.mjs/)
  await engine.close()
  await assert.rejects(engine.status(), ClosedError)
})

test('a file that is no database is refused and stays as it is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'conek-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'letter.txt')
  const text = 'Dear reader, this is a letter and no database.\n'.repeat(100)
  writeFileSync(path, text)
  const config = { path, business: 'Shop', privacyContact: 'privacy@shop.example', numbers: [{ id: SENDER }] }
  const opening = Engine.open(config, { transport: new HostTransport() })
  await assert.rejects(opening, (error) => error instanceof StorageError && error.code === 'storage_not_ours')
  assert.equal(readFileSync(path, 'utf8'), text)
})

test('what a promise was started for happens also when nobody waits for it', async (t) => {
  const { engine, transport } = await open(t)
  await engine.templates.put(ORDER)
  const [thandi] = await people(engine)
  void engine.messages.send(order(thandi.id))
  while ((await engine.messages.ofPerson(thandi.id)).length === 0);
  await engine.settle()
  assert.equal(transport.sent.length, 1)
})

test('a session may do what its actor may, sees what it may see, and is named in the log', async (t) => {
  const { engine } = await open(t)
  const [thandi] = await people(engine)
  const desk = engine.session({ id: 'clerk 7', scopes: ['contacts_read'], purpose: 'orders', masks: ['phone'] })
  const seen = await desk.contacts.get(thandi.id)
  assert.equal(seen.phone, '••••••••4567')
  await assert.rejects(desk.rights.erase(thandi.id), { code: 'forbidden', scope: 'privacy_erase' })
  const { entries } = await engine.audit.entries({ person: thandi.id, operation: 'contacts.get' })
  assert.deepEqual(entries.map((e) => [e.actor, e.purpose]), [['clerk 7', 'orders']])
  const proof = await engine.rights.erase(thandi.id)
  assert.equal(proof.done, true)
  await assert.rejects(engine.contacts.get(thandi.id), { code: 'not_found' })
  assert.deepEqual((await engine.audit.verify()).problems, [])
})

test('a store moves into another database and lives there', async (t) => {
  const { engine, folder } = await open(t)
  await people(engine)
  const to = join(folder, 'moved.db')
  const moved = await engine.migrate(to)
  assert.equal(moved.kinds.contact, 2)
  const config = { business: 'Karoo Coffee', privacyContact: 'privacy@karoo.example', region: 'ZA', numbers: [{ id: SENDER }] }
  const keyFile = `${join(folder, 'conek.db')}.key`
  const ports = { transport: new HostTransport() }
  await assert.rejects(Engine.open({ ...config, path: join(folder, 'conek.db') }, ports), { code: 'conflict' })
  const there = await Engine.open({ ...config, path: to, keyFile }, ports)
  assert.equal(await there.contacts.count(), 2)
  assert.equal((await there.verify(true)).sound, true)
  await there.close()
})
