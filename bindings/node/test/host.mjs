// What the tests open an engine with: a transport written in JavaScript, a clock on a Tuesday morning
// in South Africa, a file of its own.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine, SignatureError, VirtualClock } from 'conek'

export const SENDER = '100'
export const TUESDAY = new Date('2026-11-24T08:00:00Z')

export const sign = (body) => createHmac('sha256', 'secret').update(body).digest()

/** Accepts everything and reads signed webhooks of the form `{ updates: [...] }`. */
export class HostTransport {
  sent = []
  permits = []
  read = []

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
  verify({ headers, body }) {
    const [, given = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-signature') ?? []
    const [expected, signature] = [sign(body), Buffer.from(given, 'hex')]
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new SignatureError({ detail: 'x-signature does not fit the body' })
    }
  }
  parse(body) {
    const json = body.toString('utf8')
    const { updates } = JSON.parse(json, (key, value) => (key === 'at' ? new Date(value) : value))
    return { updates: updates ?? [{ type: 'unknown', field: '', json }] }
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
  buttons: [{ type: 'quick_reply', text: 'STOP' }],
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

/** A signed webhook in which a person writes. */
export function written(waId, text, wamid = 'wamid.in') {
  const update = { type: 'message', receiver: SENDER, wamid, waId, at: TUESDAY, reply: { type: 'text', body: text } }
  const body = Buffer.from(JSON.stringify({ updates: [update] }))
  return { headers: { 'X-Signature': sign(body).toString('hex') }, body }
}
