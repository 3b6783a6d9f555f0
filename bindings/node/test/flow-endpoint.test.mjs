// The endpoint of flows, with Node's own crypto on the phone's side.

import assert from 'node:assert/strict'
import { constants, createCipheriv, createDecipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { KeyError } from 'conek'
import { open, sign } from './host.mjs'

/** A phone with an open flow. */
class Phone {
  key = randomBytes(16)
  vector = randomBytes(16)

  ask(publicKey, request) {
    const cipher = createCipheriv('aes-128-gcm', this.key, this.vector)
    const sealed = Buffer.concat([cipher.update(JSON.stringify(request), 'utf8'), cipher.final(), cipher.getAuthTag()])
    const oaep = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    const body = Buffer.from(JSON.stringify({
      encrypted_flow_data: sealed.toString('base64'),
      encrypted_aes_key: publicEncrypt(oaep, this.key).toString('base64'),
      initial_vector: this.vector.toString('base64'),
    }))
    return { method: 'POST', path: '/flow', headers: { 'X-Signature': sign(body).toString('hex') }, body }
  }

  read({ body }) {
    const sealed = Buffer.from(body.toString(), 'base64')
    const decipher = createDecipheriv('aes-128-gcm', this.key, this.vector.map((byte) => byte ^ 0xff))
    decipher.setAuthTag(sealed.subarray(-16))
    return JSON.parse(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString())
  }
}

test('a flow is answered so that its phone can read it', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'protea' })
  const { engine } = await open(t, {}, { flowKeys: [{ pem, passphrase: 'protea' }] })
  const endpoint = engine.flowEndpoint
  const publicKey = await endpoint.publicKey()
  const pinging = new Phone()
  const { response } = await endpoint.handleHttp(pinging.ask(publicKey, { version: '3.0', action: 'ping' }))
  assert.deepEqual(pinging.read(response), { version: '3.0', data: { status: 'active' } })

  const phone = new Phone()
  const asked = phone.ask(publicKey, { version: '3.0', action: 'INIT', flow_token: 'order 7' })
  const { request } = await endpoint.handleHttp(asked)
  assert.deepEqual([request.action, request.flowToken], ['init', 'order 7'])
  const screen = { type: 'screen', screen: 'DAY', data: '{"days":["Monday"]}' }
  const answered = await endpoint.answer(request.exchange, screen)
  assert.deepEqual(phone.read(answered), { version: '3.0', screen: 'DAY', data: { days: ['Monday'] } })

  asked.headers['X-Signature'] = '00'
  assert.equal((await endpoint.handleHttp(asked)).response.status, 432)
})

test('without a key there is no endpoint', async (t) => {
  const { engine } = await open(t)
  await assert.rejects(engine.flowEndpoint.publicKey(), KeyError)
})
