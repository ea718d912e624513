import { expect, test } from 'vitest'
import { forgetMine, keepMine, keptMine, left, secretOf, type Mine } from './mine'

function shelf() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

const mine: Mine = { at: 1, restrictions: [], clocks: { appeal_hours: 24, undecided: 'suspend' } }

test('the secret of the address is kept, and without one the kept one serves', () => {
  const store = shelf()
  expect(secretOf('', store)).toBe('')
  expect(secretOf('#abc-_1', store)).toBe('abc-_1')
  expect(secretOf('', store)).toBe('abc-_1')
})

test("another person's notice shows nothing of the one before", () => {
  const store = shelf()
  secretOf('#first', store)
  keepMine(store, mine)
  expect(keptMine(store)).toEqual(mine)
  secretOf('#first', store)
  expect(keptMine(store)).toEqual(mine)
  secretOf('#second', store)
  expect(keptMine(store)).toBeNull()
})

test('what was deleted is gone, and what cannot be read is nothing', () => {
  const store = shelf()
  secretOf('#first', store)
  keepMine(store, mine)
  forgetMine(store)
  expect([...store.kept.keys()]).toEqual([])
  store.setItem('quell.public.me', '{"at":"yesterday"}')
  expect(keptMine(store)).toBeNull()
  expect(secretOf('#x', null)).toBe('x')
})

test('a clock says what is left of it', () => {
  expect(left(3_600_000 * 25 + 61_000, 3_600_000)).toEqual({ hours: 24, minutes: 1 })
  expect(left(5, 5)).toBeNull()
})
