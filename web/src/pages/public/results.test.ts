import { afterEach, expect, test, vi } from 'vitest'
import { askResults, keepAnswer, keptAnswer, Refused, standing, type Tube } from './results'

const NOW = 1_000_000_000
const tube = (more: Partial<Tube>): Tube => ({ sampled: NOW - 1000, reported: NOW, state: 'negative', due: null, ends: NOW + 1000, extended: null, code: 'shc:/1', ...more })

function memory(): Storage {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text), removeItem: (key: string) => void kept.delete(key) } as unknown as Storage
}

afterEach(() => vi.unstubAllGlobals())

test('what stands in large words is a code that holds, else the newest', () => {
  const negative = tube({})
  expect(standing([negative], NOW)).toEqual({ tube: negative, holds: true })
  expect(standing([negative], NOW + 1000).holds, 'its hours are over').toBe(false)
  const waiting = tube({ state: 'waiting', code: null, ends: null })
  expect(standing([waiting, negative], NOW), 'yesterday counts until today is there').toEqual({ tube: negative, holds: true })
  const again = tube({ state: 'again', code: null, ends: null, due: NOW + 10 })
  expect(standing([again, negative], NOW), 'whoever is held has no code').toEqual({ tube: again, holds: false })
  const own = tube({ state: 'waiting', code: null, ends: null })
  expect(standing([own, again], NOW), 'nor while their own sample is on its way').toEqual({ tube: again, holds: false })
  expect(standing([], NOW)).toEqual({ tube: null, holds: false })
})

test('who was deleted from this phone leaves no result on it', () => {
  const store = memory()
  keepAnswer(store, { at: NOW, people: { ada: [tube({})], bo: [] } })
  expect(Object.keys(keptAnswer(store, [{ id: 'ada' }, { id: 'cai' }])!.people)).toEqual(['ada'])
  expect(keptAnswer(store, [{ id: 'ada' }, { id: 'bo' }])!.people, 'and it is gone').not.toHaveProperty('bo')
  keptAnswer(store, [])
  expect(store.getItem('quell.public.results')).toBeNull()
})

test('a family asks once, without cookies, by its secrets alone', async () => {
  const asked: RequestInit[] = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    asked.push(init)
    const { secrets } = JSON.parse(init.body as string) as { secrets: string[] }
    return new Response(JSON.stringify({ at: NOW, people: secrets.map((one) => ({ tubes: one === 's1' ? [tube({})] : [] })) }))
  })
  const answer = await askResults([
    { id: 'ada', holder: 's1' },
    { id: 'bo', holder: 's2' },
  ])
  expect(answer).toEqual({ at: NOW, people: { ada: [tube({})], bo: [] } })
  expect(asked).toHaveLength(1)
  expect(asked[0]!.credentials).toBe('omit')
  expect(JSON.parse(asked[0]!.body as string)).toEqual({ secrets: ['s1', 's2'], codes: true })
  await askResults(Array.from({ length: 12 }, (_, at) => ({ id: `p${at}`, holder: `h${at}` })))
  expect(asked, 'ten at once').toHaveLength(3)
})

test('a busy server says when to ask again and how many come before', async () => {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ code: 'service.busy', before: 12 }), { status: 503, headers: { 'retry-after': '40' } }))
  const refused = await askResults([{ id: 'ada', holder: 's1' }]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refused)
  expect(refused).toMatchObject({ status: 503, waitMs: 40_000, before: 12 })
})

test('while no new codes are made the one on the phone goes on', async () => {
  const said = { at: NOW, codes_off: true, people: [{ tubes: [tube({ code: null }), tube({ sampled: NOW - 5, code: null })] }] }
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(said)))
  const answer = await askResults([{ id: 'ada', holder: 's1' }], { at: NOW - 9, people: { ada: [tube({})] } })
  expect(answer.codes_off).toBe(true)
  expect(answer.people.ada!.map((one) => one.code)).toEqual(['shc:/1', null])
})
