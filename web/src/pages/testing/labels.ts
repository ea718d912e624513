// Labels for tubes and boxes: a series that no other machine draws, and its numbers, each printed once.

export interface Sheet {
  kind: 'tube' | 'box'
  series: string
  first: number
  count: number
  /** One for the tube, one for the paper list. */
  copies: 1 | 2
}

/** Crockford's letters: none is taken for a digit. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** A tube's barcode has at most 32 letters; a number has at least four. */
const SERIES = /^[A-Z0-9]{3,12}$/
const DIGITS = 4
/** What a browser lays out before somebody thinks it hangs. */
export const MOST = 1_000

/** A billion series: of a thousand machines two draw the same once in two thousand cities. */
export function freshSeries(bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(6))): string {
  return [...bytes].map((byte) => LETTERS[byte % 32]).join('')
}

export function faultOf(sheet: Sheet): 'series' | 'first' | 'count' | null {
  const whole = (number: number, most: number) => Number.isInteger(number) && number >= 1 && number <= most
  if (!SERIES.test(sheet.series)) return 'series'
  if (!whole(sheet.first, 9_999_999)) return 'first'
  return whole(sheet.count, MOST) ? null : 'count'
}

/** In the order in which they are cut: copies of one label lie side by side. */
export function labelsOf(sheet: Sheet): string[] {
  if (faultOf(sheet)) return []
  const head = sheet.kind === 'box' ? `BOX-${sheet.series}` : sheet.series
  const one = (at: number) => `${head}-${String(sheet.first + at).padStart(DIGITS, '0')}`
  return Array.from({ length: sheet.count }, (_, at) => Array<string>(sheet.copies).fill(one(at))).flat()
}

const KEY = 'quell.labels'

/** The series of this machine and its next number, of each kind. */
export function remembered(kind: Sheet['kind']): { series: string; first: number } {
  try {
    const kept = JSON.parse(localStorage.getItem(`${KEY}.${kind}`) ?? 'null') as { series?: unknown; first?: unknown } | null
    if (kept && typeof kept.series === 'string' && typeof kept.first === 'number') return { series: kept.series, first: kept.first }
  } catch {
    // Without a memory every print begins a series.
  }
  return { series: freshSeries(), first: 1 }
}

/** What was printed is not printed again by itself. */
export function remember(sheet: Sheet): void {
  try {
    localStorage.setItem(`${KEY}.${sheet.kind}`, JSON.stringify({ series: sheet.series, first: sheet.first + sheet.count }))
  } catch {
    // See above.
  }
}
