import { expect, test } from 'vitest'
import { strip } from './strip'

const day = (day: string, until?: string) => ({ day, until, precision: until ? 'range' : 'day', source: 'stated' })
const KINDS = ['exposure', 'onset', 'result', 'report']

test('two things on one day are told on two lines', () => {
  const drawn = strip({ result: day('2022-02-20'), report: day('2022-02-20'), onset: day('2022-02-10') }, KINDS, 600)!
  expect(drawn.marks.map((mark) => [mark.kind, mark.line])).toEqual([['onset', 0], ['result', 0], ['report', 1]])
  expect(drawn.lines).toBe(2)
})

test('a range keeps both its ends and the strip reaches past them', () => {
  const drawn = strip({ exposure: day('2022-02-13', '2022-02-17') }, KINDS, 600)!
  expect(drawn.marks[0]!.until - drawn.marks[0]!.from).toBe(4)
  expect(drawn.last).toBeGreaterThan(drawn.marks[0]!.until)
})

test('nobody without days gets a strip', () => {
  expect(strip({}, KINDS, 600)).toBeNull()
})
