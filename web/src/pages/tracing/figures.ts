// Figures with what they are figures of: share, count, denominator and interval together.

import type { Proportion } from '../../lib/trace'
import { formatNumber, percent } from '../../lib/words.svelte'

export function rangeText(of: Proportion): string {
  return of.low === null || of.high === null ? '' : `${(of.low * 100).toFixed(1)}–${(of.high * 100).toFixed(1)} %`
}

/** `4.3 %`; '' when there is nothing to be a share of. */
export function shareText(of: Proportion): string {
  return of.of > 0 ? percent(of.share ?? of.count / of.of) : ''
}

/** `0.84 (0.70–1.01)`; a bound that could not be found is a question mark. */
export function intervalText(value: { estimate: number | null; low: number | null; high: number | null }, digits = 1): string {
  const told = (number: number | null) => (number === null ? '?' : formatNumber(number, digits))
  return `${told(value.estimate)} (${told(value.low)}–${told(value.high)})`
}

/** A p-value as papers print it; it is no probability of anything that happened. */
export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${formatNumber(p, p < 0.1 ? 3 : 2)}`
}

export interface WeekBar {
  week: string
  known: number
  of: number
  /** Heights from 0 to 1. */
  knownHeight: number
  height: number
}

export function weekBars(weeks: { week: string; known: number; of: number }[]): WeekBar[] {
  const most = weeks.reduce((top, week) => Math.max(top, week.of), 0) || 1
  return weeks.map((week) => ({ ...week, knownHeight: week.known / most, height: week.of / most }))
}
