import { expect, test } from 'vitest'
import type { ListRow } from '../../../lib/lab'
import { byTube, emptySheet, faultOf, isFull, isSheetUnsent, keptPaper, lineOf, momentOf, sameDayIn, withListed, type PaperTube } from './sheet'

const tube = (more: Partial<PaperTube> = {}): PaperTube => ({
  ...{ id: 'change_1', tube: 'TG-000001', post: 'post_1', size: 5, sampled: '2022-02-21T08:10', sampler: '0412', people: [], count: 0, marks: [] },
  ...{ state: 'typed', said: null, conflicts: [], sameDay: [], ...more },
})
const person = (name: string, mark: string) => ({ name, document: 'passport' as const, number: 'E1234567', phone: '', sheet: 'A7/1', mark })

test('a time is the one on the wall of the place, wherever it is typed', () => {
  expect(momentOf('2022-02-21T08:10')).toBe(Date.parse('2022-02-21T00:10:00Z'))
  expect(momentOf('2022-02-21')).toBeNull()
  const line = lineOf(withListed(tube(), person('Wang', 'a')), 'device_1')
  expect([line.sampled, line.closed, line.members[0]!.at]).toEqual(Array(3).fill(Date.parse('2022-02-21T00:10:00Z')))
  expect([line.paper, line.members[0]!.way, line.members[0]!.position]).toEqual([{ sampler: '0412' }, 'paper', 1])
})

test('a check digit is a hint; only a line that names nobody is stopped', () => {
  const said = (name: string, number: string, document: 'id_card' | 'none' = 'id_card') => faultOf({ name, number, document })
  expect(said('Wang', '140726199001010000')).toEqual({ fault: 'check', stops: false })
  expect(said('Wang', '14072619900101')).toEqual({ fault: 'length', stops: false })
  expect(said('Wang', '')).toEqual({ fault: 'empty', stops: false })
  expect(said('Wang', '', 'none')).toEqual({ fault: null, stops: false })
  expect(said(' ', '')).toEqual({ fault: 'nobody', stops: true })
})

test('a full tube takes nobody more', () => {
  let full = tube()
  for (let n = 0; n < 9; n++) full = withListed(full, person(`P${n}`, `m${n}`))
  expect([isFull(full), full.count]).toEqual([true, 5])
})

test('the same person of a day is noticed, of another day not, and after the names are gone too', () => {
  const kept = keptPaper(withListed(tube(), person('Wang', 'wang')), 1, [], [])
  expect([kept.people, kept.count]).toEqual([[], 1])
  const sheet = { ...emptySheet('a'), tubes: [kept] }
  expect(sameDayIn(sheet, 'wang', '2022-02-21T15:00')?.tube).toBe('TG-000001')
  expect(sameDayIn(sheet, 'wang', '2022-02-22T08:00')).toBeNull()
  expect(sameDayIn(sheet, '', '2022-02-21T08:00')).toBeNull()
  expect(isSheetUnsent(sheet)).toBe(false)
  expect(isSheetUnsent({ ...sheet, tubes: [tube({ state: 'sent' })] })).toBe(true)
})

test('about whom there is a question keeps their name until it was read', () => {
  const asked = keptPaper(withListed(tube(), person('Wang', 'wang')), 1, [], [1])
  expect(asked.people[0]?.name).toBe('Wang')
})

test('rows of a file go by tube in their order', () => {
  const row = (tube: string, name: string) => ({ tube, name }) as ListRow
  const tubes = byTube([row('A', '1'), row('B', '2'), row('A', '3')])
  expect([...tubes].map(([code, rows]) => [code, rows.map((one) => one.name)])).toEqual([['A', ['1', '3']], ['B', ['2']]])
})
