import { expect, test } from 'vitest'
import { kinds, rowsText, sum } from './account'

const report = { rows: 10, created: 5, updated: 2, unchanged: 1, skipped: 1, failed: 1 }
const problem = (row: number, code: string, severity: string) => ({ row, column: null, value: null, code, severity, message: '' })

test('an account that does not add up is said not to', () => {
  expect(sum(report)).toEqual({ total: 10, addsUp: true })
  expect(sum({ ...report, failed: 0 }).addsUp).toBe(false)
})

test('what stops rows is told before what is doubtful, with the numbers of all of them', () => {
  const found = kinds({
    ...report,
    problems: [problem(3, 'place.unknown', 'warning'), problem(4, 'place.unknown', 'warning'), problem(9, 'row.too_long', 'error')],
    problem_counts: { 'place.unknown': 700, 'row.too_long': 1, 'row.blank': 2 },
  })
  expect(found.map((kind) => [kind.code, kind.count])).toEqual([['row.too_long', 1], ['place.unknown', 700], ['row.blank', 2]])
})

test('neighbouring rows are told as a run, and a long list says how many more', () => {
  expect(rowsText([9, 4, 7, 8, 8])).toEqual({ text: '4, 7–9', more: 0 })
  expect(rowsText([1, 3, 5, 7], 2)).toEqual({ text: '1, 3', more: 2 })
})
