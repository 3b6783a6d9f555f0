// The package offers what every other language offers: read from index.d.ts and from the classes.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import ts from 'typescript'

import * as imported from 'conek'
import { surface, camel } from './surface.mjs'

const require = createRequire(import.meta.url)
const file = new URL('../index.d.ts', import.meta.url)
const declared = ts.createSourceFile('index.d.ts', readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
const named = new Map()
for (const statement of declared.statements) {
  if (statement.name) named.set(statement.name.text, [...(named.get(statement.name.text) ?? []), statement])
}
const declaration = (name, kind) => named.get(name)?.find((statement) => statement.kind === kind)
const classOf = (name) => declaration(name, ts.SyntaxKind.ClassDeclaration)
const members = (node) => node.members.filter((member) => member.name && !ts.isComputedPropertyName(member.name))

/** The methods of a class or interface as `name(parameter, parameter?)`; `?` is what may be left out. */
function methods(node) {
  return members(node)
    .filter((member) => ts.isMethodDeclaration(member) || ts.isMethodSignature(member))
    .map((member) => {
      const parameters = member.parameters.map((p) => p.name.text + (p.questionToken ? '?' : ''))
      return `${member.name.text}(${parameters.join(', ')})`
    })
}

function signature({ name, params }) {
  const trailing = (at) => params.slice(at).every((param) => param.optional)
  return `${camel(name)}(${params.map((p, at) => camel(p.name) + (trailing(at) ? '?' : '')).join(', ')})`
}

const namespaces = new Map([['engine', 'Engine']])
for (const member of members(classOf('Engine'))) {
  if (ts.isPropertyDeclaration(member)) namespaces.set(member.name.text, member.type.getText())
}
const idioms = { Engine: ['open(config, ports?)', 'session(actor)'], Inbound: ['stream(after?, options?)'] }

test('the engine has the namespaces of every other language', () => {
  const expected = new Set(surface.operations.map((operation) => camel(operation.namespace)))
  assert.deepEqual(new Set(namespaces.keys()), expected)
})

for (const [namespace, name] of namespaces) {
  const operations = surface.operations.filter((operation) => camel(operation.namespace) === namespace)
  test(`${namespace} has the operations and parameters of every other language`, () => {
    const expected = [...operations.map(signature), ...(idioms[name] ?? [])]
    assert.deepEqual(methods(classOf(name)).sort(), expected.sort())
  })
}

test('what is declared exists', async () => {
  const { EngineOperations, ...classes } = require('../lib/operations.js')
  for (const [namespace, name] of namespaces) {
    const Kind = name === 'Engine' ? imported.Engine : classes[name]
    for (const operation of surface.operations.filter((o) => camel(o.namespace) === namespace)) {
      assert.equal(typeof Kind.prototype[camel(operation.name)], 'function', `${namespace}.${operation.name}`)
    }
  }
  assert.equal(typeof classes.Inbound.prototype.stream, 'function')
  assert.ok(imported.Engine.prototype instanceof EngineOperations)
})

test('the functions without an engine are those of every other language', () => {
  const functions = declared.statements.filter((s) => ts.isFunctionDeclaration(s) && s.name.text !== 'isConekError')
  const offered = functions.map((s) => `${s.name.text}(${s.parameters.map((p) => p.name.text + (p.questionToken ? '?' : '')).join(', ')})`)
  assert.deepEqual(offered.sort(), surface.functions.map(signature).sort())
  for (const { name } of surface.functions) assert.equal(typeof imported[camel(name)], 'function', name)
})

test('opening takes the ports of every other language', () => {
  const expected = surface.idioms.find(({ namespace, name }) => namespace === 'engine' && name === 'open').params
  const ports = declaration('Ports', ts.SyntaxKind.InterfaceDeclaration)
  assert.deepEqual(new Set(['config', ...members(ports).map((member) => member.name.text)]), new Set(expected))
})

for (const port of new Set(surface.ports.map((method) => method.namespace))) {
  test(`a ${port} has the methods of every other language`, () => {
    const node = declaration(port, ts.SyntaxKind.InterfaceDeclaration)
    const expected = surface.ports.filter((method) => method.namespace === port).map((method) => camel(method.name))
    assert.deepEqual(new Set(members(node).map((member) => member.name.text)), new Set(expected))
  })
}

test('the error codes are those of every other language', () => {
  const codes = declaration('ErrorCode', ts.SyntaxKind.TypeAliasDeclaration).type.types.map((t) => t.literal.text)
  assert.deepEqual(new Set(codes), new Set(surface.error_codes))
})

for (const { name, fields } of surface.errors) {
  test(`${name}Error has the fields of every other language`, () => {
    const node = classOf(`${name}Error`)
    const own = members(node).map((member) => member.name.text)
    assert.deepEqual(new Set(own), new Set(['code', ...fields.map((field) => camel(field.name))]))
    assert.ok(imported[`${name}Error`].prototype instanceof imported.ConekError)
  })
}

test('every record has the fields of every other language', () => {
  for (const { name, fields } of surface.records) {
    const node = declaration(name, ts.SyntaxKind.InterfaceDeclaration)
    assert.ok(node, name)
    assert.deepEqual(new Set(members(node).map((m) => m.name.text)), new Set(fields.map((f) => camel(f.name))), name)
  }
})

test('every enum has the values of every other language', () => {
  for (const { name, plain, variants } of surface.enums) {
    const node = declaration(name, ts.SyntaxKind.TypeAliasDeclaration)
    assert.ok(node, name)
    const options = ts.isUnionTypeNode(node.type) ? [...node.type.types] : [node.type]
    const codes = options.map((option) => {
      if (plain) return option.literal.text
      return option.members.find((member) => member.name.text === 'type').type.literal.text
    })
    assert.deepEqual(new Set(codes), new Set(variants.map((variant) => variant.code)), name)
    if (plain) assert.deepEqual(new Set(Object.values(imported[name])), new Set(codes), name)
  }
})

test('import and require give the same package', () => {
  const required = require('conek')
  for (const [name, value] of Object.entries(imported)) assert.equal(required[name], value, name)
  assert.deepEqual(new Set(Object.keys(required)), new Set(Object.keys(imported)))
  const testing = require('conek/testing')
  assert.equal(typeof testing.fail, 'function')
})
