// Where the days of one person lie on a strip of time: ranges as bars, exact days as dots, labels on as few lines as fit.

import type { StatedDay } from '../../lib/contract'
import { dayAt, dayNumber } from '../../lib/day'

export interface Mark {
  kind: string
  from: number
  until: number
  /** Line of its label, counted from the strip outwards. */
  line: number
}

export interface Strip {
  first: number
  last: number
  lines: number
  marks: Mark[]
}

/** A label is about this wide; two labels closer than that go to different lines. */
const LABEL_PX = 74

export function strip(dates: Record<string, StatedDay | undefined>, kinds: string[], width: number): Strip | null {
  const marks: Mark[] = []
  for (const kind of kinds) {
    const said = dates[kind]
    const from = said ? dayNumber(said.day) : null
    if (!said || from === null) continue
    marks.push({ kind, from, until: Math.max(from, (said.until && dayNumber(said.until)) || from), line: 0 })
  }
  if (!marks.length) return null
  // Time runs to the right; of the same day the usual order of events stays.
  marks.sort((a, b) => a.from - b.from)
  const first = marks[0]!.from - 1
  const last = Math.max(...marks.map((mark) => mark.until)) + 1
  const perDay = width / (last - first)
  const ends: number[] = []
  for (const mark of marks) {
    const x = (mark.from - first) * perDay
    let line = ends.findIndex((end) => end <= x)
    if (line < 0) line = ends.length
    ends[line] = x + LABEL_PX
    mark.line = line
  }
  return { first, last, lines: ends.length, marks }
}

/** Days that get a label under the strip, about one every 90 pixels, on whole days. */
export function ticks(first: number, last: number, width: number): { at: number; day: string }[] {
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, width / 90)))
  const found = []
  for (let at = first; at <= last; at += step) found.push({ at, day: dayAt(at) })
  return found
}
