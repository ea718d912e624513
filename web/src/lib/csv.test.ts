import { expect, test } from 'vitest'
import { csv } from './csv'

test('cells with commas, quotes and line ends are quoted, nothing runs as a formula', () => {
  expect(csv(['a', 'b'], [['x, y', 'say "no"'], [null, -3], ['=1+1', 'two\nlines'], ['太谷', true]])).toBe(
    '\uFEFFa,b\r\n"x, y","say ""no"""\r\n,-3\r\n\'=1+1,"two\nlines"\r\n太谷,true\r\n',
  )
})
