import { expect, test } from 'vitest'
import type { Call, WellView } from '../../lib/testing'
import { countCalls, effectOf, shownOf, telling, unread } from './run'

const well = (name: string, first: Call | null, second: Call | null = null): WellView => ({ well: name, tube: `TUBE-${name}`, control: null, cts: null, first, why: null, second })
const people = (n: number) => Array.from({ length: n }, (_, at) => ({ position: at + 1, at: 0, way: 'code', sheet: null }))

test('a well shows its call, and that two readers differ', () => {
  expect(shownOf(well('A1', 'negative'))).toBe('negative')
  expect(shownOf(well('A1', 'positive', 'grey'))).toBe('differs')
  expect(shownOf(well('A1', 'positive', 'positive'))).toBe('positive')
  expect(shownOf(well('A1', null))).toBe('unread')
  expect(shownOf({ ...well('A1', null), tube: null, control: 'positive' })).toBe('control')
  expect(shownOf(undefined)).toBe('empty')
})

test('signals wait for a second reading; silence does not', () => {
  const wells = [well('A1', 'negative'), well('B1', 'positive'), well('C1', 'grey', 'grey'), well('D1', 'invalid')]
  expect(unread(wells).map((one) => one.well)).toEqual(['B1'])
  expect(telling(wells).map((one) => one.call)).toEqual(['positive', 'grey', 'invalid'])
  expect(countCalls(wells).get('negative')).toBe(1)
})

test('everybody of a signalling pool is held; a positive of one is found; whoever was sampled again is told alone', () => {
  const effect = effectOf([
    { call: 'positive', view: { people: people(10), again: null } },
    { call: 'grey', view: { people: people(1), again: null } },
    { call: 'positive', view: { people: people(1), again: null } },
    { call: 'invalid', view: { people: people(5), again: null } },
    { call: 'positive', view: { people: people(1), again: 'TUBE0001/3' } },
  ])
  expect(effect).toEqual({ held: 11, repeat: 5, found: 1, again: 1 })
})
