// Numbers of documents as they are typed or come out of a reader: which kind it is, whether its check digit fits, what day of
// birth it tells.

import { dayNumber } from './day'
import type { Document } from './person_code'

/** GB 11643-1999: what each of the first seventeen digits weighs, and the check digit for the sum modulo 11. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

export type NumberFault = 'empty' | 'length' | 'letters' | 'born' | 'check'

export interface ReadNumber {
  number: string
  fault: NumberFault | null
  /** The day of birth that an identity number tells. */
  born: string | null
}

/** Full-width digits are digits; spaces and dashes between groups are nobody's. */
export const plainNumber = (text: string) => text.normalize('NFKC').replace(/[\s\-‐–—]/g, '').toUpperCase()

export function checkDigit(first17: string): string {
  return CHECKS[WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(first17[at]), 0) % 11]!
}

/** An identity number of 18 digits. One whose check digit does not fit is read all the same: some cards in use carry one. */
export function readIdentity(text: string): ReadNumber {
  const number = plainNumber(text)
  if (number === '') return { number, fault: 'empty', born: null }
  if (!/^\d*X?$/.test(number)) return { number, fault: 'letters', born: null }
  if (!/^\d{17}[\dX]$/.test(number)) return { number, fault: 'length', born: null }
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  if (dayNumber(born) === null || born < '1890-01-01') return { number, fault: 'born', born: null }
  return { number, fault: checkDigit(number.slice(0, 17)) === number[17] ? null : 'check', born }
}

export function readDocument(document: Document, text: string): ReadNumber {
  if (document === 'id_card') return readIdentity(text)
  const number = plainNumber(text)
  if (document === 'none') return { number, fault: null, born: null }
  if (number === '') return { number, fault: 'empty', born: null }
  // A guardian may show an identity card or any other.
  if (document === 'guardian' && /^\d{17}[\dX]$/.test(number)) return { ...readIdentity(number), born: null }
  if (!/^[\p{L}\p{N}()./]+$/u.test(number)) return { number, fault: 'letters', born: null }
  const least = document === 'passport' ? 5 : 3
  return { number, fault: number.length < least || number.length > 30 ? 'length' : null, born: null }
}

/** What kind of document a number looks like; null when it may be any. */
export function guessDocument(text: string): Document | null {
  const number = plainNumber(text)
  if (/^\d{17}[\dX]$/.test(number)) return 'id_card'
  // Passports of most countries: one or two letters and six to nine digits.
  if (/^[A-Z]{1,2}\d{6,9}$/.test(number)) return 'passport'
  return null
}
