import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { codeText, holderMark, makeHolder, readCode, type OwnCode } from './person_code'

const WANG: OwnCode = { name: '王小明', document: 'id_card', number: '140726199001010000', phone: '13900000000', born: '1990-01-01', holder: 'AAAAAAAAAAAAAAAAAAAAAA' }

test('what a person wrote is what the site reads', () => {
  expect(readCode(codeText(WANG))).toEqual(WANG)
  const child: OwnCode = { ...WANG, name: 'Zoë 𠮷田', document: 'guardian', born: '' }
  expect(readCode(codeText(child))).toEqual(child)
})

test('the text is the one that every reader of version 1 expects', () => {
  const text = codeText(WANG)
  expect(text).toMatch(/^quell:1:[A-Za-z0-9_-]+$/)
  const said = JSON.parse(Buffer.from(text.slice(8), 'base64url').toString('utf8'))
  expect(Object.keys(said)).toEqual(['name', 'document', 'number', 'phone', 'born', 'holder'])
  expect(said.name).toBe('王小明')
})

test('other texts are no person, and a later kind says that it is one', () => {
  for (const text of ['', 'T0000001', 'https://example.org', 'quell:1:', 'quell:1:!!!', `quell:1:${Buffer.from('[]').toString('base64url')}`, `quell:1:${Buffer.from('{"name":7}').toString('base64url')}`])
    expect(readCode(text), text).toBe(null)
  expect(readCode('quell:2:whatever')).toBe('newer')
})

test('what a foreign hand put into a code is cut to size, and stays text', () => {
  const text = `quell:1:${Buffer.from(JSON.stringify({ name: 'x'.repeat(5000), document: 'crown', number: ' e1 ', born: {} })).toString('base64url')}`
  expect(readCode(text)).toEqual({ name: 'x'.repeat(100), document: 'other', number: 'E1', phone: '', born: '', holder: '' })
})

test('the site keeps the mark of the secret, not the secret', async () => {
  const secret = makeHolder()
  expect(secret).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(makeHolder()).not.toBe(secret)
  expect(await holderMark(secret)).toBe(createHash('sha256').update(secret).digest('base64url'))
})
