// What a host writes in TypeScript compiles, and what is wrong does not: checked by `tsc --noEmit`.

import {
  type AnyConekError,
  type ConsentPolicy,
  type Decision,
  type Draft,
  Engine,
  type PolicyCase,
  isConekError,
  type Outgoing,
  Purpose,
  type SendOutcome,
  type Storage,
  type Transport,
  VirtualClock,
  type WebhookRequest,
} from 'conek'
import { fail } from 'conek/testing'

class MyTransport implements Transport {
  readonly sent: Outgoing[] = []
  async send(permitId: string, message: Outgoing): Promise<SendOutcome> {
    this.sent.push(message)
    const length: number = permitId.length
    return { type: 'accepted', wamid: `wamid.${length}`, status: 'accepted' }
  }
  upload() {
    return 'media-id'
  }
  markRead() {}
  verify(request: WebhookRequest) {
    const body: Buffer = request.body
    if (body.length === 0) throw new Error('empty')
  }
  async parse(body: Buffer) {
    return { updates: [{ type: 'unknown', field: 'x', json: body.toString() } as const] }
  }
}

const quiet: ConsentPolicy = {
  name: 'no-sundays/1',
  decide: (cases: PolicyCase[]) => cases.map((one) => (one.at.getUTCDay() === 0 ? { type: 'deny' } : { type: 'allow', basis: 'consent' })),
}

export async function host(storage: Storage): Promise<string> {
  await using engine = await Engine.open(
    { path: 'conek.db', business: 'Shop', privacyContact: 'privacy@shop.example', numbers: [{ id: '1' }] },
    { storage, transport: new MyTransport(), policies: [quiet], clock: VirtualClock.at(new Date()) },
  )
  const report = await engine.contacts.importCsv(Buffer.from('phone\n0821234567\n'))
  const rows: number = report.rows
  const draft: Draft = {
    to: { type: 'phone', number: '082 123 4567' },
    content: { type: 'text', body: `hello ${rows}` },
    purpose: Purpose.Support,
  }
  const sent = await engine.messages.send(draft)
  const due: Date | undefined = sent.dueAt
  const said: Decision = sent.decision
  switch (said.type) {
    case 'deny':
      return said.reasons.map((reason) => reason.code).join()
    case 'defer':
      return said.until.toISOString()
    case 'ask':
      return said.question
    case 'allow':
      return `${said.basis} ${due}`
  }
}

export async function follow(engine: Engine, signal: AbortSignal): Promise<void> {
  for await (const event of engine.inbound.stream(null, { signal })) {
    if (event.happening.type === 'received' && event.happening.reply.type === 'text') {
      const body: string = event.happening.reply.body
      await engine.inbound.markRead(event.happening.receiver, body)
    }
  }
}

export function words(error: unknown): string {
  if (!isConekError(error)) return 'unknown'
  const one: AnyConekError = error
  switch (one.code) {
    case 'denied':
      return one.reasons.join()
    case 'storage_full':
      return `${one.fault} ${one.retry}`
    case 'not_found':
      return one.what
    default:
      return one.message
  }
}

export async function wrong(engine: Engine): Promise<void> {
  // @ts-expect-error a purpose is needed: the gate demands it
  await engine.messages.send({ to: { type: 'phone', number: '1' }, content: { type: 'text', body: 'x' } })
  // @ts-expect-error there is no such kind of content
  await engine.messages.send({ to: { type: 'phone', number: '1' }, content: { type: 'nope' }, purpose: 'support' })
  // @ts-expect-error there is no such purpose
  await engine.consent.withdraw('id', 'spam', 'agent')
  // @ts-expect-error an engine is opened, not made
  new Engine()
  // @ts-expect-error text is not a moment
  await engine.messages.send({ to: { type: 'phone', number: '1' }, content: { type: 'text', body: 'x' }, purpose: 'support', notBefore: '2026-01-01' })
  // @ts-expect-error only errors of conek
  await fail(new Error('x'))
}
