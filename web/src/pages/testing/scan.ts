// What a scanner or a hand wrote into the one box of a bench: a barcode, or a key of one letter. Wide letters of a Chinese
// keyboard and small letters mean the same barcode; any other character is refused rather than dropped, since a dropped
// character is another tube.

export type Scan = { barcode: string } | { key: string } | { fault: 'empty' | 'length' | 'letter'; text: string }

const SHORTEST = 4
const LONGEST = 32
/** Wide forms stand so far above the narrow ones. */
const WIDE = 0xfee0

export function readScan(text: string): Scan {
  const narrow = [...text.trim()]
    .map((letter) => (letter >= '\uff01' && letter <= '\uff5e' ? String.fromCodePoint(letter.codePointAt(0)! - WIDE) : letter))
    .join('')
    .toUpperCase()
  if (narrow === '') return { fault: 'empty', text: narrow }
  // No barcode is so short: a key that a scanner cannot be mistaken for.
  if (narrow.length === 1) return { key: narrow }
  if (!/^[A-Z0-9-]*$/.test(narrow)) return { fault: 'letter', text: narrow }
  if (narrow.length < SHORTEST || narrow.length > LONGEST) return { fault: 'length', text: narrow }
  return { barcode: narrow }
}
