import { expect, test } from 'vitest'
import { readScan } from './scan'

test('small and wide letters and the line end of a scanner mean the same tube', () => {
  const tube = { barcode: 'SX-0012' }
  for (const typed of ['SX-0012', ' sx-0012\r\n', 'ＳＸ－００１２']) expect(readScan(typed)).toEqual(tube)
})

test('one letter is a key, never a tube', () => {
  expect(readScan('3')).toEqual({ key: '3' })
  expect(readScan('p')).toEqual({ key: 'P' })
})

test('what stands in no barcode is refused, not dropped', () => {
  expect(readScan('  ')).toEqual({ fault: 'empty', text: '' })
  expect(readScan('ABC')).toEqual({ fault: 'length', text: 'ABC' })
  expect(readScan('A'.repeat(33))).toMatchObject({ fault: 'length' })
  expect(readScan('SX_0012')).toMatchObject({ fault: 'letter' })
  expect(readScan('https://example.org')).toMatchObject({ fault: 'letter' })
})
