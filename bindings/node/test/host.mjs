// What the tests open an engine with: a transport written in JavaScript, a clock on a Tuesday morning
// in South Africa, a file of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, SignatureError, VirtualClock } from 'conek'

export const SENDER = '100'
export const TUESDAY = new Date('2026-11-24T08:00:00Z')

/** Accepts everything and reads webhooks of the form `{ updates: [...] }`, signed with a word. */
export class HostTransport {
  sent = []
  permits = []
  read = []
  secret = 'word'

  send(permitId, message) {
    this.permits.push(permitId)
    this.sent.push(message)
    return { type: 'accepted', wamid: `wamid.${this.sent.length}`, status: 'accepted' }
  }
  upload({ bytes }) {
    return `media-${bytes.length}`
  }
  markRead(sender, wamid) {
    this.read.push([sender, wamid])
  }
  verify({ headers }) {
    if (headers['x-word'] !== this.secret) throw new SignatureError({ detail: 'the word is wrong' })
  }
  parse(body) {
    const { updates } = JSON.parse(body.toString('utf8'), (key, value) => (key === 'at' ? new Date(value) : value))
    return { updates }
  }
}

/** An engine in a folder of its own, closed and removed when the test ends. */
export async function open(t, ports = {}, config = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'conek-'))
  const transport = ports.transport ?? new HostTransport()
  const clock = ports.clock ?? VirtualClock.at(TUESDAY)
  clock.setSpeed(1)
  const engine = await Engine.open(
    {
      path: join(folder, 'conek.db'),
      business: 'Karoo Coffee',
      privacyContact: 'privacy@karoo.example',
      region: 'ZA',
      numbers: [{ id: SENDER }],
      ...config,
    },
    { ...ports, transport, clock },
  )
  t.after(async () => {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { engine, transport, clock, folder }
}

export const ORDER = {
  name: 'order_update',
  language: 'en',
  category: 'utility',
  status: 'APPROVED',
  body: 'Your order {{1}} is on its way.',
}

export const OFFER = {
  name: 'offer',
  language: 'en',
  category: 'marketing',
  status: 'APPROVED',
  body: 'Karoo Coffee: {{1}} is half price this week. Reply STOP to opt out.',
  buttons: ['STOP'],
}

/** A message that a contract needs. */
export const order = (person, more = {}) => ({
  to: { type: 'person', id: person },
  content: { type: 'template', name: ORDER.name, language: 'en', body: [{ name: '', text: '42' }] },
  purpose: 'transactional',
  ...more,
})

/** A message that promotes. */
export const offer = (person) => ({
  to: { type: 'person', id: person },
  content: { type: 'template', name: OFFER.name, language: 'en', body: [{ name: '', text: 'rooibos' }] },
  purpose: 'marketing',
})

/** A webhook in which a person writes. */
export const written = (waId, body, wamid = 'wamid.in') => ({
  headers: { 'x-word': 'word' },
  body: Buffer.from(
    JSON.stringify({
      updates: [{ type: 'message', receiver: SENDER, wamid, waId, at: TUESDAY, reply: { type: 'text', body } }],
    }),
  ),
})
