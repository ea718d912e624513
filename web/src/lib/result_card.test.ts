import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { qrPicture } from './qr_picture'
import { jwsOf, LARGEST, verify, type Issuer, type Jwk } from './result_card'

const HERE = 'https://quell.example.org'
const NOW = Date.parse('2026-11-26T12:00:00Z')
const HOUR = 3600_000

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const bytesOf = (text: string) => new TextEncoder().encode(text)
const inDigits = (jws: string) => `shc:/${[...jws].map((letter) => String(letter.charCodeAt(0) - 45).padStart(2, '0')).join('')}`

async function house(): Promise<{ issuer: Issuer; sign: (payload: Uint8Array, head?: object) => Promise<string> }> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const thumb = await crypto.subtle.digest('SHA-256', bytesOf(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`))
  const key: Jwk = { kty: 'EC', crv: 'P-256', x: x!, y: y!, kid: base64url(new Uint8Array(thumb)) }
  const sign = async (payload: Uint8Array, head: object = { zip: 'DEF', alg: 'ES256', kid: key.kid }) => {
    const said = `${base64url(bytesOf(JSON.stringify(head)))}.${base64url(payload)}`
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, bytesOf(said))
    return `${said}.${base64url(new Uint8Array(signature))}`
  }
  return { issuer: { issuer: HERE, keys: [key] }, sign }
}

function claims({ iss = HERE, until = NOW + HOUR, from = NOW - HOUR, result = '260415000' } = {}) {
  return {
    ...{ iss, nbf: from / 1000, exp: until / 1000 },
    vc: {
      type: ['https://smarthealth.cards#health-card'],
      credentialSubject: {
        fhirVersion: '4.0.1',
        fhirBundle: {
          ...{ resourceType: 'Bundle', type: 'collection' },
          entry: [
            { fullUrl: 'resource:0', resource: { resourceType: 'Patient', name: [{ text: '王＊明' }], identifier: [{ value: '＊123X' }] } },
            {
              fullUrl: 'resource:1',
              resource: {
                ...{ resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '94500-6' }] } },
                ...{ subject: { reference: 'resource:0' }, effectiveDateTime: '2026-11-26T02:00:00Z', performer: [{ display: '晋中市实验室' }] },
                valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: result }] },
              },
            },
          ],
        },
      },
    },
  }
}

const packed = (value: unknown) => deflateRawSync(bytesOf(JSON.stringify(value)))

test('a code is read and believed, from its picture as from its text', async () => {
  const { issuer, sign } = await house()
  const jws = await sign(packed(claims()))
  for (const text of [jws, inDigits(jws), ` ${inDigits(jws)}\n`]) {
    const told = await verify(text, [issuer], NOW)
    expect(told).toEqual({
      is: 'valid',
      card: { issuer: HERE, name: '王＊明', ending: '123X', sampled: NOW - 10 * HOUR, from: NOW - HOUR, until: NOW + HOUR, laboratory: '晋中市实验室' },
    })
  }
})

test('past its hours it is expired, before them early', async () => {
  const { issuer, sign } = await house()
  const is = async (options: object, now = NOW) => (await verify(await sign(packed(claims(options))), [issuer], now)).is
  expect(await is({ until: NOW })).toBe('expired')
  expect(await is({ until: NOW + 1000 })).toBe('valid')
  expect(await is({ from: NOW + HOUR / 2 })).toBe('early')
  expect(await is({ from: NOW + 60_000 })).toBe('valid')
})

test('one bit changed in any byte of any of its parts is refused', { timeout: 30_000 }, async () => {
  const { issuer, sign } = await house()
  const jws = await sign(packed(claims()))
  const parts = jws.split('.')
  let tried = 0
  for (const part of [0, 1, 2]) {
    const bytes = Buffer.from(parts[part]!, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      const forged = parts.map((one, at) => (at === part ? changed.toString('base64url') : one)).join('.')
      expect(['forged', 'unknown', 'unreadable'], `part ${part}, bit ${bit}`).toContain((await verify(forged, [issuer], NOW)).is)
      tried++
    }
  }
  expect(tried).toBeGreaterThan(600)
})

test('the same signature written otherwise is another text, and refused', async () => {
  const { issuer, sign } = await house()
  const jws = await sign(packed(claims()))
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // 64 bytes leave four bits of the last letter unused.
  const last = letters.indexOf(jws.at(-1)!)
  const otherwise = jws.slice(0, -1) + letters[last ^ 1]
  expect((await verify(otherwise, [issuer], NOW)).is).toBe('forged')
})

test('who signs otherwise, or with a key that is not ours, is not believed', async () => {
  const [ours, other] = [await house(), await house()]
  const kid = ours.issuer.keys[0]!.kid
  const is = async (jws: string) => (await verify(jws, [ours.issuer], NOW)).is
  const payload = packed(claims())
  expect(await is(await other.sign(payload)), 'a key nobody told of').toBe('unknown')
  expect(await verify(await other.sign(packed(claims({ iss: 'https://elsewhere.example' }))), [ours.issuer], NOW)).toEqual({ is: 'unknown', issuer: 'https://elsewhere.example' })
  expect(await is(await other.sign(payload, { zip: 'DEF', alg: 'ES256', kid })), 'our key named, theirs used').toBe('forged')
  const [head, body, signature] = (await ours.sign(payload)).split('.')
  for (const alg of ['none', 'None', 'HS256', 'ES384', undefined]) {
    const said = base64url(bytesOf(JSON.stringify({ zip: 'DEF', alg, kid })))
    expect(await is(`${said}.${body}.${signature}`), String(alg)).toBe('forged')
    expect(await is(`${said}.${body}.`), String(alg)).toBe('forged')
  }
  expect(await is(`${head}.${body}.`)).toBe('forged')
  expect(await is(await ours.sign(packed(claims({ iss: 'https://elsewhere.example' })))), 'our key under another address').toBe('forged')
  expect((await verify(await ours.sign(payload), [], NOW)).is, 'a phone that never had keys').toBe('unknown')
})

test('what says nothing of a negative result is none, whoever signed it', async () => {
  const { issuer, sign } = await house()
  const is = async (payload: Uint8Array, head?: object) => (await verify(await sign(payload, head), [issuer], NOW)).is
  expect(await is(packed(claims({ result: '260373001' }))), 'detected').toBe('unreadable')
  for (const value of [null, 1, [], 'x', {}, { ...claims(), vc: null }, { ...claims(), exp: 'never' }, { ...claims(), exp: undefined }]) expect(await is(packed(value))).toBe('unreadable')
  const two = claims()
  two.vc.credentialSubject.fhirBundle.entry.push(two.vc.credentialSubject.fhirBundle.entry[1]!)
  expect(await is(packed(two)), 'of two results neither').toBe('unreadable')
  expect(await is(new Uint8Array([1, 2, 3]))).toBe('unreadable')
  for (const text of ['', 'shc:/', 'shc:/1/2/5676', 'quell:1:abc', 'https://example.org', 'a.b.c', '9'.repeat(9000)]) expect((await verify(text, [issuer], NOW)).is).toBe('unreadable')
})

test('a payload of kilobytes that unpacks to gigabytes is given up at once', async () => {
  const { issuer, sign } = await house()
  const bomb = deflateRawSync(new Uint8Array(4_000_000))
  const signed = await sign(bomb)
  const begun = performance.now()
  expect((await verify(signed, [issuer], NOW)).is).toBe('unreadable')
  const stranger = await (await house()).sign(bomb)
  expect((await verify(stranger, [issuer], NOW)).is).toBe('unreadable')
  expect(jwsOf(inDigits('a'.repeat(LARGEST)))).toBeNull()
  expect(performance.now() - begun).toBeLessThan(2000)
})

test('a code fits one picture, its digits as digits, and verifies in a moment', async () => {
  const { issuer, sign } = await house()
  const code = inDigits(await sign(packed(claims())))
  const { size } = qrPicture([{ text: 'shc:/', mode: 'Byte' }, { text: code.slice(5), mode: 'Numeric' }], 'L')
  expect(size, 'no finer than version 22').toBeLessThanOrEqual(17 + 4 * 22)
  const times: number[] = []
  for (let turn = 0; turn < 200; turn++) {
    const begun = performance.now()
    expect((await verify(code, [issuer], NOW)).is).toBe('valid')
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  console.log(`verify: median ${times[100]!.toFixed(2)} ms, slowest but two ${times[197]!.toFixed(2)} ms; ${code.length} letters, ${size} cells`)
  expect(times[100]).toBeLessThan(50)
})
