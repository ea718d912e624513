// Reading Code 128 (ISO/IEC 15417) out of one row of a picture that says where ink is.
//
// Deliberately absent: finding the row. A barcode is held across the middle of the picture, and its check digit lets one
// wrong reading in a hundred pass: whoever asks reads twice (`sight.ts`).

/** Widths of bar, gap, bar, gap, bar, gap of each symbol, in modules; table 1 of the standard. */
const SYMBOLS = `
  212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221
  223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
  112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131
  311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
  122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
  214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232
`
  .trim()
  .split(/\s+/)
  .map((digits) => Array.from(digits, Number))
const STOP = [2, 3, 3, 1, 1, 1, 2]
const [SHIFT, TO_C, TO_B, TO_A, START_A] = [98, 99, 100, 101, 103]
/** The shortest sensible barcode, and the longest: a line of noise is neither. */
const [LEAST, MOST] = [2, 60]
/** Half of the ten modules the standard asks for: labels are cut narrow. */
const QUIET_MODULES = 5
/** How far the edges of a symbol may lie from where they belong, summed, in modules. */
const TOLERANCE = 1.9

/** `ink`: true where it is dark. Read from either side, since a tube may be held upside down. */
export function readCode128(ink: ArrayLike<boolean | number>): string | null {
  const runs = runsOf(ink)
  return readRuns(runs) ?? readRuns([...runs].reverse())
}

/** Lengths of white, dark, white, … ; the first and the last are white, perhaps of nothing. */
function runsOf(ink: ArrayLike<boolean | number>): number[] {
  const runs: number[] = [0]
  let dark = false
  for (let at = 0; at < ink.length; at++) {
    if (Boolean(ink[at]) !== dark) {
      dark = !dark
      runs.push(0)
    }
    runs[runs.length - 1]!++
  }
  if (dark) runs.push(0)
  return runs
}

function readRuns(runs: number[]): string | null {
  for (let at = 1; at + 6 < runs.length; at += 2) {
    const start = nearest(runs, at, START_A)
    if (start === null) continue
    const modules = sum(runs, at, 6) / 11
    // At the picture's edge what lies before cannot be seen.
    if (at > 1 && runs[at - 1]! < QUIET_MODULES * modules) continue
    const text = readFrom(runs, at, start.code, modules)
    if (text !== null) return text
  }
  return null
}

function readFrom(runs: number[], from: number, start: number, first: number): string | null {
  const codes = [start]
  for (let at = from + 6; at + 6 < runs.length; at += 6) {
    const modules = sum(runs, at, 6) / 11
    const next = nearest(runs, at, 0)
    const stop = codes.length > LEAST ? distance(runs, at, STOP, sum(runs, at, 7) / 13) : Infinity
    if (stop < TOLERANCE && (next === null || stop < next.far)) return checked(codes)
    // The next symbol is about as wide as the last, however the barcode is bent.
    if (modules < first * 0.7 || modules > first * 1.4 || codes.length > MOST) return null
    if (next === null || next.code >= START_A) return null
    codes.push(next.code)
  }
  return null
}

const sum = (runs: number[], from: number, count: number) => {
  let all = 0
  for (let at = from; at < from + count; at++) all += runs[at]!
  return all
}

/** From a rising edge to the next, and from a falling edge to the next: ink that ran or paled moves both, and leaves these. */
function distance(runs: number[], from: number, widths: number[], modules: number): number {
  let far = 0
  for (let at = 0; at + 1 < widths.length; at++) {
    const seen = (runs[from + at]! + runs[from + at + 1]!) / modules
    far += Math.abs(seen - widths[at]! - widths[at + 1]!)
    if (far > TOLERANCE) return far
  }
  // Two symbols may share these distances: then the widths decide.
  for (let at = 0; at < widths.length; at++) far += 0.15 * Math.abs(runs[from + at]! / modules - widths[at]!)
  return far
}

/** The symbol from `least` on that these runs are nearest to; null when they are near none. */
function nearest(runs: number[], from: number, least: number): { code: number; far: number } | null {
  const modules = sum(runs, from, 6) / 11
  let best: { code: number; far: number } | null = null
  for (let code = least; code < SYMBOLS.length; code++) {
    const far = distance(runs, from, SYMBOLS[code]!, modules)
    if (far < (best?.far ?? TOLERANCE)) best = { code, far }
  }
  return best
}

function checked(codes: number[]): string | null {
  const check = codes.at(-1)!
  const total = codes.slice(0, -1).reduce((all, code, at) => all + code * Math.max(1, at), 0)
  return total % 103 === check ? textOf(codes.slice(0, -1)) : null
}

function textOf([start, ...codes]: number[]): string | null {
  let set = 'ABC'[start! - START_A]!
  let once = ''
  let text = ''
  for (const code of codes) {
    const by = once || set
    once = ''
    if (by === 'C' ? code < 100 : code < 96) {
      // Set A: from the space on, then the controls; set B: from the space on.
      if (by === 'C') text += String(code).padStart(2, '0')
      else text += String.fromCharCode(by === 'A' && code >= 64 ? code - 64 : code + 32)
    } else if (code === TO_C && by !== 'C') set = 'C'
    else if (code === TO_B && by !== 'B') set = 'B'
    else if (code === TO_A && by !== 'A') set = 'A'
    else if (code === SHIFT && by !== 'C') once = by === 'A' ? 'B' : 'A'
    // What is left are function codes, which carry no letter.
  }
  return text || null
}
