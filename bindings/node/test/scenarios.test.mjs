// Every scenario of tests/scenarios holds in JavaScript; that folder's README.md says what the words mean.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { Engine, SignatureError, VirtualClock, isConekError } from 'conek'
import { parseWebhook } from 'conek/testing'
import { camel, surface } from './surface.mjs'

const folder = new URL('../../../tests/scenarios/', import.meta.url)
const load = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))
const shapes = new Map([...surface.records, ...surface.enums].map((shape) => [shape.name, shape]))
for (const { name, fields } of surface.errors) shapes.set(`${name}Error`, { fields })
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, part]) => change(key, part)))

/** A value of that type of the surface, turned from the corpus's form into JavaScript's, or back. */
function turned(type, value, back = false) {
  if (value == null) return null
  const [, outer, inner] = /^(option|list)<(.+)>$/.exec(type) ?? []
  if (outer === 'option') return turned(inner, value, back)
  if (outer === 'list') return value.map((one) => turned(inner, one, back))
  if (type === 'time') return back ? value.toISOString() : new Date(value)
  if (type === 'bytes') return back ? [...value] : Buffer.from(value)
  const shape = shapes.get(type)
  if (shape === undefined || shape.plain) return value
  const variant = shape.variants?.find(({ code }) => code === value.type)
  const fields = shape.fields ?? [{ name: 'type', type: 'text' }, ...(variant?.fields ?? [])]
  return mapped(value, (key, part) => {
    const field = fields.find(({ name }) => key === (back ? camel(name) : name))
    assert.ok(field, `${type} ${value.type ?? ''} has no ${key}`)
    return [back ? field.name : camel(key), turned(field.type, part, back)]
  })
}

/** An error of conek in the corpus's form. */
function failure({ name, code, message, retry, ...own }) {
  return { ...turned(name, own, true), code, text: message }
}

/** Every difference between what is expected and what came, one line each. */
function differences(expected, actual, at = '') {
  const not = (wanted) => [`${at}: expected ${wanted}, got ${JSON.stringify(actual)}`]
  const moment = (value) => (/^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN)
  const { $contains, $has } = isObject(expected) ? expected : {}
  if ($contains) return typeof actual === 'string' && actual.includes($contains) ? [] : not(`a text with ${$contains}`)
  if ($has && Array.isArray(actual)) {
    const missing = $has.filter((one) => actual.every((there) => differences(one, there).length > 0))
    return missing.flatMap((one) => not(`one like ${JSON.stringify(one)}`))
  }
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).flatMap(([key, one]) => differences(one, actual[key] ?? null, `${at}.${key}`))
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((one, i) => differences(one, actual[i], `${at}[${i}]`))
  }
  return expected === actual || moment(expected) === moment(actual) ? [] : not(JSON.stringify(expected))
}

function check(place, expected, actual) {
  const found = differences(expected, actual)
  assert.ok(found.length === 0, `${place}\n  ${found.join('\n  ')}\n\nwhat came: ${JSON.stringify(actual, null, 2)}`)
}

/** What is written in a scenario, with values in the place of `$names`. */
function resolved(value, lookup) {
  const inside = (part) => resolved(part, lookup)
  if (typeof value === 'string' && value.startsWith('$')) {
    const [name, ...keys] = value.slice(1).split('.')
    return keys.reduce((whole, key) => whole?.[key] ?? null, inside(lookup(name)))
  }
  if (Array.isArray(value)) return value.map(inside)
  if (!isObject(value)) return value
  if ('$bytes' in value) {
    const content = inside(value.$bytes)
    return [...Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))]
  }
  const { $from, ...own } = value
  return { ...($from && inside($from)), ...mapped(own, (key, part) => [key, inside(part)]) }
}

/** A transport that answers as the scenario says and keeps what left. */
function scripted(outcomes, sent) {
  const accepted = () => ({ type: 'accepted', wamid: `wamid.${sent.length}`, status: 'accepted' })
  return {
    send: (_permit, message) => {
      sent.push(turned('Outgoing', message, true))
      return turned('SendOutcome', outcomes[sent.length - 1] ?? accepted())
    },
    upload: () => 'media.1',
    markRead: () => {},
    verify: ({ headers }) => {
      if (headers['x-test-signature'] !== 'ok') throw new SignatureError({ detail: 'x-test-signature is not ok' })
    },
    parse: parseWebhook,
  }
}

async function call(engine, path, args) {
  const [name, room = 'engine'] = path.split('.').reverse()
  const operation = surface.operations.find((one) => one.namespace === room && one.name === name)
  assert.ok(operation, `no operation ${path} is known`)
  const given = args.map((arg, i) => turned(operation.params[i].type, arg))
  const result = await (room === 'engine' ? engine : engine[camel(room)])[camel(name)](...given)
  return turned(operation.result, result, true)
}

async function run(t, scenario, world) {
  const given = { ...world, ...scenario }
  const clock = VirtualClock.at(new Date(given.clock))
  const names = { ...world.let, ...scenario.let, sent: [] }
  const lookup = (name) => {
    if (name === 'now') return String(Math.floor(clock.now().getTime() / 1000))
    assert.ok(name in names, `$${name} is not bound`)
    return names[name]
  }
  const home = mkdtempSync(join(tmpdir(), 'conek-'))
  const config = turned('Config', { ...resolved(given.config, lookup), path: join(home, 'conek.db') })
  const transport = scripted(scenario.outcomes ?? [], names.sent)
  const open = () => Engine.open(config, { transport, clock })
  let engine = await open()
  t.after(() => engine.close().finally(() => rmSync(home, { recursive: true })))
  const words = {
    settle: async () => assert.ok(await engine.settle(60_000), 'it does not come to rest'),
    'clock.advance': async (by) => clock.advanceMs(by),
    reopen: async () => {
      await engine.close()
      engine = await open()
    },
  }
  for (const template of given.templates) await call(engine, 'templates.put', [template])
  for (const [i, step] of [...(world.setups[scenario.setup] ?? []), ...scenario.steps].entries()) {
    const place = `step ${i}, ${step.do}`
    Object.assign(names, step.let)
    const args = resolved(step.with ?? [], lookup)
    const doing = words[step.do]?.(...args) ?? call(engine, step.do, args)
    const [came, as] = await doing.then((value) => [value ?? null, 'expect'], (error) => {
      if (!isConekError(error)) throw new Error(`${place}: ${error.message}`, { cause: error })
      return [failure(error), 'expect_error']
    })
    const fits = (as === 'expect_error') === 'expect_error' in step
    assert.ok(fits, `${place} ${as === 'expect' ? 'should fail, and gave' : 'failed'}: ${JSON.stringify(came, null, 2)}`)
    if (as in step) check(place, resolved(step[as], lookup), came)
    if (step.as) names[step.as] = came
  }
  const to = (message) => JSON.stringify(message.to)
  check('sent', resolved(scenario.sent, lookup), [...names.sent].sort((a, b) => (to(a) < to(b) ? -1 : +(to(a) > to(b)))))
}

const world = load('world')
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'world.json').sort()) {
  test(file, (t) => run(t, load(file.replace('.json', '')), world))
}
