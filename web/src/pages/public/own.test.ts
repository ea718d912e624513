import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PublicFence } from '../../lib/trace'
import { alike, fenceKey, hitsOf, sharesTime, type Own } from './own'

const fence = (more: Partial<PublicFence> = {}): PublicFence => ({
  place_name: '红星超市', territory: '14/1407/140703', territory_zh: '太谷区', territory_en: 'Taigu', lon: null, lat: null, ride: null, from: '2022-02-20T18:30', to: '2022-02-20T19:10',
  gap_minutes: 30, text_zh: '', text_en: '', ends: '2022-03-05', ...more,
})
const own = (place: string, from: string, to: string): Own => ({ id: place + from, place, from: `2022-02-20T${from}`, to: `2022-02-20T${to}` })

test('coming shortly after still counts, leaving before does not', () => {
  expect(sharesTime(fence(), own('', '19:40', '20:00'))).toBe(true)
  expect(sharesTime(fence(), own('', '19:41', '20:00'))).toBe(false)
  expect(sharesTime(fence(), own('', '17:00', '18:30'))).toBe(true)
  expect(sharesTime(fence(), own('', '17:00', '18:29'))).toBe(false)
  expect(sharesTime(fence(), own('', '19:00', '18:00'))).toBe(false)
  expect(sharesTime(fence({ from: '2022-02-20T23:00', to: '2022-02-21T01:00' }), { from: '2022-02-21T01:20', to: '2022-02-21T02:00' })).toBe(true)
})

test('names: the same, alike, and others', () => {
  expect(alike(fence(), ' 红星 超市')).toBe(1)
  expect(alike(fence({ place_name: 'Ｒｅｄ Star' }), 'red star')).toBe(1)
  expect(alike(fence(), '红星生活超市')).toBeGreaterThan(0)
  expect(alike(fence(), '红星生活超市')).toBeLessThan(1)
  expect(alike(fence(), '红星超市北门')).toBe(0.9)
  for (const other of ['', '市', '面馆', '东方红饭店']) expect(alike(fence(), other), other).toBe(0)
  expect(alike(fence({ place_name: 'Noodle house' }), 'Tea house')).toBeLessThan(1)
})

test('a train is matched by its number', () => {
  const train = fence({ place_name: 'D2003 2022-02-20', ride: { kind: 'train', number: 'D2003', day: '2022-02-20' } })
  expect(hitsOf([train], { stays: [own('d2003', '18:40', '19:00')], marked: [] }).map((hit) => hit.sure)).toEqual([true])
  expect(hitsOf([train], { stays: [own('D2005', '08:40', '09:00')], marked: [] })).toEqual([])
})

test('sure hits come first, and a place that was marked needs no day', () => {
  const [market, mall] = [fence(), fence({ place_name: '万达广场', from: '2022-02-19T10:00', to: '2022-02-19T12:00' })]
  const hits = hitsOf([market, mall], { stays: [own('红星生活超市', '18:40', '18:50')], marked: [fenceKey(mall)] })
  expect(hits.map((hit) => [hit.fence.place_name, hit.sure, hit.own?.place ?? null])).toEqual([['万达广场', true, null], ['红星超市', false, '红星生活超市']])
})

test('a mark is of the place in one county, not of every place of that name', () => {
  const [here, elsewhere] = [fence(), fence({ territory: '14/1401/140105' })]
  const hits = hitsOf([here, elsewhere], { stays: [], marked: [fenceKey(elsewhere)] })
  expect(hits.map((hit) => hit.fence.territory)).toEqual(['14/1401/140105'])
})

test('the page that holds a person’s days has one way out: reading the published list', () => {
  const page = readFileSync(join(import.meta.dirname, 'Places.svelte'), 'utf8') + readFileSync(join(import.meta.dirname, 'own.ts'), 'utf8')
  expect(page).toContain('publicFences(')
  for (const way of ['fetch(', 'sendBeacon', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'change(', 'write(', 'action=', 'new Image', 'href={'])
    expect(page, way).not.toContain(way)
})
