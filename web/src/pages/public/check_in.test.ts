import { expect, test } from 'vitest'
import { keptLinks, linksWith, named, without } from './check_in'

function shelf(first: [string, string][] = []) {
  const kept = new Map<string, string>(first)
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

test("a mother's telephone keeps the link of each child, and asks which when there are two", () => {
  const store = shelf()
  expect(linksWith('', store)).toEqual({ links: [], chosen: '' })
  expect(linksWith('#mei', store).chosen).toBe('mei')
  expect(linksWith('', store).chosen).toBe('mei')
  const { links, chosen } = linksWith('#bao', store)
  expect([links.map((one) => one.secret), chosen]).toEqual([['mei', 'bao'], 'bao'])
  named(store, links, 'bao', ' Bao ')
  expect(linksWith('', store)).toEqual({ links: [{ secret: 'mei', name: '' }, { secret: 'bao', name: 'Bao' }], chosen: '' })
  expect(linksWith('#mei', store)).toMatchObject({ links: { length: 2 }, chosen: 'mei' })
  without(store, keptLinks(store), 'mei')
  expect(linksWith('', store).chosen).toBe('bao')
})

test('the one link of before is kept, and what cannot be read is nothing', () => {
  const store = shelf([['quell.public.check_in.secret', 'old']])
  expect(linksWith('', store).chosen).toBe('old')
  expect(linksWith('#new', store).links.map((one) => one.secret)).toEqual(['old', 'new'])
  without(store, keptLinks(store), 'old')
  expect(keptLinks(store)).toEqual([{ secret: 'new', name: '' }])
  store.setItem('quell.public.check_in.links', '{"secret"')
  expect(keptLinks(store)).toEqual([])
  expect(linksWith('#x', null).chosen).toBe('x')
})
