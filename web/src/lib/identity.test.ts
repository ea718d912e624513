import { expect, test } from 'vitest'
import { checkDigit, guessDocument, readDocument, readIdentity } from './identity'

// The examples of GB 11643-1999 itself (annex of the standard); nobody's numbers.
const EXAMPLES = ['11010519491231002X', '440524188001010014']

test('the standard’s own numbers fit, and tell the day of birth', () => {
  for (const number of EXAMPLES) expect(checkDigit(number.slice(0, 17))).toBe(number[17])
  expect(readIdentity(EXAMPLES[0]!)).toEqual({ number: EXAMPLES[0], fault: null, born: '1949-12-31' })
})

test('any one wrong digit, and any two neighbours exchanged, are noticed', () => {
  const right = EXAMPLES[0]!
  for (let at = 0; at < 17; at++) {
    for (let digit = 0; digit < 10; digit++) {
      if (String(digit) === right[at]) continue
      expect(readIdentity(right.slice(0, at) + digit + right.slice(at + 1)).fault, `${at} ${digit}`).not.toBe(null)
    }
    const swapped = right.slice(0, at) + right[at + 1] + right[at] + right.slice(at + 2)
    if (swapped !== right) expect(readIdentity(swapped).fault, swapped).not.toBe(null)
  }
})

test('what was typed otherwise is the same number', () => {
  for (const typed of ['110105 19491231 002x', '１１０１０５１９４９１２３１００２Ｘ', '110105-19491231-002X'])
    expect(readIdentity(typed).number).toBe(EXAMPLES[0])
})

test('each fault is told apart', () => {
  const faults = [['', 'empty'], ['1101051949', 'length'], ['11010519491331002X', 'born'], ['110105194912310021', 'check'], ['1101O5', 'letters']]
  for (const [typed, fault] of faults) expect(readIdentity(typed!).fault, typed).toBe(fault)
})

test('passports, other papers, guardians and nobody’s paper', () => {
  expect(readDocument('passport', ' e12345678 ')).toEqual({ number: 'E12345678', fault: null, born: null })
  expect(readDocument('passport', 'E1').fault).toBe('length')
  expect(readDocument('other', '军字第0012345号').fault).toBe(null)
  expect(readDocument('other', 'H0123456(7)').fault).toBe(null)
  expect(readDocument('guardian', EXAMPLES[0]!)).toEqual({ number: EXAMPLES[0], fault: null, born: null })
  expect(readDocument('guardian', '110105194912310021').fault).toBe('check')
  expect(readDocument('guardian', 'E12345678').fault).toBe(null)
  expect(readDocument('none', '').fault).toBe(null)
})

test('the kind of document is guessed only where it can be only one', () => {
  expect(guessDocument(EXAMPLES[0]!)).toBe('id_card')
  expect(guessDocument('E12345678')).toBe('passport')
  expect(guessDocument('H0123456(7)')).toBe(null)
  expect(guessDocument('1101')).toBe(null)
})
