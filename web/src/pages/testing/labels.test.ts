import { beforeEach, expect, test } from 'vitest'
import { bars } from '../../lib/code128'
import { faultOf, freshSeries, labelsOf, remember, remembered, type Sheet } from './labels'

const sheet: Sheet = { kind: 'tube', series: 'K7Q2', first: 9, count: 3, copies: 1 }

beforeEach(() => {
  const kept = new Map<string, string>()
  globalThis.localStorage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage
})

test('labels are numbers of a series, each a barcode that the server takes', () => {
  expect(labelsOf(sheet)).toEqual(['K7Q2-0009', 'K7Q2-0010', 'K7Q2-0011'])
  expect(labelsOf({ ...sheet, copies: 2 }).slice(0, 3)).toEqual(['K7Q2-0009', 'K7Q2-0009', 'K7Q2-0010'])
  expect(labelsOf({ ...sheet, kind: 'box', count: 1 })).toEqual(['BOX-K7Q2-0009'])
  for (const label of labelsOf({ ...sheet, count: 200, kind: 'box', series: 'ABCDEFGHIJKL' })) {
    expect(label).toMatch(/^[A-Z0-9-]{4,32}$/)
    expect(bars(label)).not.toBeNull()
  }
})

test('a sheet that cannot be printed says which of its words is wrong', () => {
  const fault = (more: Partial<Sheet>) => faultOf({ ...sheet, ...more })
  expect([fault({}), fault({ series: 'a b' }), fault({ first: 0 }), fault({ count: 1_001 }), fault({ count: 1.5 })]).toEqual([null, 'series', 'first', 'count', 'count'])
  expect(labelsOf({ ...sheet, series: '' })).toEqual([])
})

test('what was printed is not printed again by itself, of tubes and of boxes', () => {
  remember(sheet)
  expect(remembered('tube')).toEqual({ series: 'K7Q2', first: 12 })
  expect(remembered('box').first).toBe(1)
  expect(freshSeries(new Uint8Array([0, 31, 32, 255]))).toBe('0Z0Z')
})
