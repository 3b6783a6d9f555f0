// A storage a host might write: everything in one Map, every index a sorted scan.

import { existsSync, writeFileSync } from 'node:fs'
import { ConflictError, InvalidInputError } from 'conek'

const name = ({ account, kind, id }) => JSON.stringify([account, kind, id])
const order = (a, b) => {
  for (const i of a.keys()) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1
  }
  return 0
}

/** Thrown by a step that does not fit, caught at its batch. */
class Misfit {
  constructor(reason) {
    this.reason = reason
  }
}

export class MemoryStorage {
  #records = new Map()
  #appended = 0

  commit(batches) {
    return batches.map(({ writes }) => this.#batch(writes))
  }

  get(keys) {
    return keys.map((key) => this.#records.get(name(key)) ?? null)
  }

  find(query) {
    if (!(query.limit >= 1 && query.limit <= 10_000)) throw new InvalidInputError({ field: 'limit', detail: '1 to 10,000' })
    const turned = query.descending ? -1 : 1
    let found = this.#matching(query).sort((a, b) => turned * order(a.place, b.place))
    if (query.after != null) {
      // By id, the cursor is the id itself.
      const after = query.index.type === 'id' ? [0, query.kind, query.after] : JSON.parse(query.after)
      found = found.filter(({ place }) => turned * order(place, after) > 0)
    }
    const page = found.slice(0, query.limit)
    const last = page.at(-1)
    const cursor = () => (query.index.type === 'id' ? last.record.id : JSON.stringify(last.place))
    const next = found.length > page.length ? cursor() : undefined
    return { records: page.map(({ record }) => record), next }
  }

  count(query) {
    return this.#matching(query).length
  }

  claim({ account, kind, queue, state, now, limit, newState, newQueue, leaseUntil }) {
    const index = { type: 'due', queue, until: now }
    const { records } = this.find({ account, kind, index, state, limit, descending: false })
    return records.map((record) => {
      const taken = { ...record, version: record.version + 1, state: newState, queue: newQueue, dueAt: leaseUntil }
      this.#records.set(name(taken), taken)
      return taken
    })
  }

  backup(to) {
    if (existsSync(to)) throw new ConflictError({ what: 'backup', detail: 'a file is there already' })
    writeFileSync(to, JSON.stringify([...this.#records.values()]), { flag: 'wx' })
  }

  verify() {
    return { records: this.#records.size, problems: [] }
  }

  #matching({ account, kind, index, state }) {
    if (kind === '' && index.type !== 'subject' && index.type !== 'expired') {
      throw new InvalidInputError({ field: 'kind', detail: 'this index needs a kind' })
    }
    const at = {
      id: () => 0,
      token: (r) => (r.tokens.some((t) => t.name === index.name && t.value === index.value) ? 0 : undefined),
      group: (r) => (r.group === index.group ? 0 : undefined),
      subject: (r) => (r.subjects.includes(index.person) ? 0 : undefined),
      due: (r) => (r.queue === index.queue && r.dueAt <= index.until ? r.dueAt.getTime() : undefined),
      expired: (r) => (r.expiresAt <= index.until ? r.expiresAt.getTime() : undefined),
    }[index.type]
    const found = []
    for (const record of this.#records.values()) {
      if (record.account !== account || (kind !== '' && record.kind !== kind)) continue
      if (state != null && record.state !== state) continue
      const time = at(record)
      if (time !== undefined) found.push({ place: [time, record.kind, record.id], record })
    }
    return found
  }

  #batch(writes) {
    const before = new Map(this.#records)
    const appended = []
    for (const [write, step] of writes.entries()) {
      try {
        this.#step(step, appended)
      } catch (error) {
        if (!(error instanceof Misfit)) throw error
        this.#records = before
        return { type: 'conflict', write, reason: error.reason }
      }
    }
    return { type: 'done', appended }
  }

  #expect(key, version) {
    const stored = this.#records.get(name(key))
    if (stored === undefined || stored.version !== version) throw new Misfit('version')
    return stored
  }

  #put(record) {
    for (const token of record.tokens.filter((t) => t.unique)) {
      for (const other of this.#records.values()) {
        if (other.account !== record.account || other.kind !== record.kind || other.id === record.id) continue
        if (other.tokens.some((t) => t.unique && t.name === token.name && t.value === token.value)) {
          throw new Misfit(`token:${token.name}`)
        }
      }
    }
    const version = (this.#records.get(name(record))?.version ?? 0) + 1
    this.#records.set(name(record), { ...record, version })
  }

  #step(step, appended) {
    switch (step.type) {
      case 'insert':
        if (this.#records.has(name(step.record))) throw new Misfit('exists')
        return this.#put(step.record)
      case 'replace':
        this.#expect(step.record, step.version)
        return this.#put(step.record)
      case 'put':
        return this.#put(step.record)
      case 'append': {
        const id = String(++this.#appended).padStart(16, '0')
        if (this.#records.has(name({ ...step.record, id }))) throw new Misfit('exists')
        appended.push(id)
        return this.#put({ ...step.record, id })
      }
      case 'change': {
        const { key, version, state, queue, dueAt, ...kept } = step.patch
        const stored = this.#expect(key, version)
        const given = Object.fromEntries(Object.entries(kept).filter(([, value]) => value != null))
        return this.#put({ ...stored, ...given, state, queue, dueAt })
      }
      case 'delete':
        this.#expect(step.key, step.version)
        this.#records.delete(name(step.key))
        return undefined
      case 'check':
        if (step.version !== 0) this.#expect(step.key, step.version)
        else if (this.#records.has(name(step.key))) throw new Misfit('exists')
        return undefined
    }
  }
}
