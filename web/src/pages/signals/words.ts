// Sentences about a signal in the language chosen now.

import { indicators, unitOf } from '../../lib/indicators.svelte'
import type { Cadence, SignalRow } from '../../lib/surveillance'
import { formatNumber, language, t } from '../../lib/words.svelte'
import { daysOf, onceIn } from './signal'

export const titleOf = (row: Pick<SignalRow, 'title_zh' | 'title_en'>) =>
  (language() === 'zh' ? row.title_zh || row.title_en : row.title_en || row.title_zh) || ''

/** "27 in the last 7 days, normally 5 to 13". */
export function unusual(
  observed: number,
  usual: [number, number] | null,
  steps: number,
  cadence: Cadence,
  indicator: string,
): string {
  const said = {
    n: observed,
    unit: unitOf(indicators.find(indicator)),
    days: daysOf(steps, cadence),
  }
  if (!usual) return t('surveillance.unusual_alone', said)
  return t('surveillance.unusual', { ...said, low: figure(usual[0]), high: figure(usual[1]) })
}

/** An expected number has no more places than help. */
export const figure = (value: number) => formatNumber(value, Math.abs(value) >= 10 || Number.isInteger(value) ? 0 : 1)

/** Empty when the title says it already. */
export function howUnusual(row: SignalRow): string {
  const said = row.loudest
  if (!said || titleOf(row).includes(figure(said.observed))) return ''
  return unusual(said.observed, said.usual, said.steps, said.cadence, said.indicator)
}

export function byChance(days: number): string {
  const { unit, n } = onceIn(days)
  return t(`surveillance.once_in_${unit}`, { n })
}
