import { expect, test } from 'vitest'
import { bars } from './code128'
import { readCode128 } from './code128_reader'

/** Every module `cell` points wide; `spread` points of ink run over each edge (or pale, below zero). */
function row(text: string, cell: number, spread = 0, before = 40): boolean[] {
  const { modules, bars: drawn } = bars(text)!
  const ink = new Array<boolean>(before + modules * cell + 40).fill(false)
  for (const bar of drawn) ink.fill(true, before + bar.at * cell - spread, before + (bar.at + bar.width) * cell + spread)
  return ink
}

const TEXTS = ['T0000001', 'TG22022100017', '12', '1234567890123456789012', 'BOX-2022/0001', 'a9', 'Aa1234bB', '20220221A', 'x'.repeat(30)]

test('every text is read as it was drawn, and upside down', () => {
  for (const text of TEXTS) {
    expect(readCode128(row(text, 3)), text).toBe(text)
    expect(readCode128(row(text, 3).reverse()), text).toBe(text)
  }
})

test('every letter that Code 128 carries is read', () => {
  for (let code = 0; code < 127; code++) {
    const text = `T${String.fromCharCode(code)}9`
    expect(readCode128(row(text, 2)), String(code)).toBe(text)
  }
})

test('ink that ran and ink that paled are read', () => {
  for (const spread of [-1, 1]) for (const text of TEXTS) expect(readCode128(row(text, 4, spread)), `${text} ${spread}`).toBe(text)
})

test('what lies beside it in the picture is no part of it', () => {
  const beside = [...new Array(31).fill(true), ...new Array(9).fill(false), ...new Array(17).fill(true)] as boolean[]
  for (const text of TEXTS) expect(readCode128([...beside, ...row(text, 3), ...beside]), text).toBe(text)
})

test('one changed bar never makes another text of it', () => {
  for (const text of ['T0000001', '1234567890']) {
    const whole = row(text, 2)
    for (let at = 40; at < whole.length - 40; at++) {
      const scratched = [...whole]
      scratched[at] = !scratched[at]
      scratched[at + 1] = !scratched[at + 1]
      expect([text, null], `${text} ${at}`).toContain(readCode128(scratched))
    }
  }
})

test('noise is no barcode', () => {
  let chance = 7
  for (let n = 0; n < 2000; n++) {
    const ink = Array.from({ length: 400 }, () => (chance = (Math.imul(chance, 1103515245) + 12345) & 0x7fffffff) > 0x3fffffff)
    expect(readCode128(ink)).toBe(null)
  }
  expect(readCode128([])).toBe(null)
  expect(readCode128(new Array(500).fill(true))).toBe(null)
})
