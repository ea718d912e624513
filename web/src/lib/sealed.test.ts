import { expect, test } from 'vitest'
import { countUnsent, forgetAccount, SealedShelf, type KeyRow, type Rack, type SealedRow } from './sealed'

interface Note {
  id: string
  account: string
  text: string
  done: boolean
}

function memory<T extends { id: string }>(): Rack<T> & { held: Map<string, T> } {
  const held = new Map<string, T>()
  return {
    held,
    all: async () => [...held.values()],
    putAll: async (list) => list.forEach((row) => held.set(row.id, row)),
    removeAll: async (ids) => ids.forEach((id) => held.delete(id)),
  }
}

function phone() {
  const [rows, keys] = [memory<SealedRow>(), memory<KeyRow>()]
  return { rows, keys, of: (account: string) => new SealedShelf<Note>(rows, keys, account, (note) => !note.done) }
}

const NAME = '王小明 140726199001010000'
const note = (id: string, account: string, done = false): Note => ({ id, account, text: NAME, done })

test('what is kept comes back, and lies there unreadable', async () => {
  const { rows, keys, of } = phone()
  const one = of('account_a')
  await one.open()
  await one.putAll([note('1', 'account_a'), note('2', 'account_a', true)])
  expect((await of('account_a').open()).records.map((found) => found.text)).toEqual([NAME, NAME])
  for (const row of rows.held.values()) {
    expect(Object.keys(row).sort()).toEqual(['account', 'id', 'iv', 'sealed', 'unsent'])
    expect(Buffer.from(row.sealed).includes(Buffer.from('王小明'))).toBe(false)
    expect(Buffer.from(row.sealed).includes(Buffer.from('1407'))).toBe(false)
  }
  const key = [...keys.held.values()][0]!.key
  expect(key.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
})

test('another account reads nothing, and hears how much waits', async () => {
  const { rows, of } = phone()
  const one = of('account_a')
  await one.open()
  await one.putAll([note('1', 'account_a'), note('2', 'account_a'), note('3', 'account_a', true)])
  const found = await of('account_b').open()
  expect(found.records).toEqual([])
  expect([...found.others]).toEqual([['account_a', 2]])
  expect(await countUnsent(rows, 'account_a')).toBe(2)
  expect(await countUnsent(rows, 'account_b')).toBe(0)
})

test('after signing out the key is gone and nothing of the account is left; others keep theirs', async () => {
  const { rows, keys, of } = phone()
  for (const account of ['account_a', 'account_b']) {
    const its = of(account)
    await its.open()
    await its.putAll([note(`of ${account}`, account)])
  }
  await forgetAccount(rows, keys, 'account_a')
  expect([...keys.held.keys()]).toEqual(['account_b'])
  expect((await of('account_b').open()).records).toHaveLength(1)
  expect((await of('account_a').open()).records).toHaveLength(0)
})

test('a record moved to another place, or sealed with a lost key, is told as unreadable and harms no other', async () => {
  const { rows, keys, of } = phone()
  const one = of('account_a')
  await one.open()
  await one.putAll([note('1', 'account_a'), note('2', 'account_a')])
  rows.held.set('2', { ...rows.held.get('1')!, id: '2' })
  const found = await of('account_a').open()
  expect(found.unreadable).toEqual(['2'])
  expect(found.records.map((record) => record.id)).toEqual(['1'])
  keys.held.clear()
  expect((await of('account_a').open()).unreadable).toEqual(['1', '2'])
})

test('the same words are never sealed the same way twice', async () => {
  const { rows, of } = phone()
  const one = of('account_a')
  await one.open()
  await one.putAll([note('1', 'account_a')])
  const first = rows.held.get('1')!
  await one.putAll([note('1', 'account_a')])
  expect(Buffer.from(rows.held.get('1')!.sealed).equals(Buffer.from(first.sealed))).toBe(false)
})
