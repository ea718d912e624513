// A count as somebody may see it: exact for the working team, a band or nothing for everybody else.

import { formatNumber, t } from './words.svelte'

export type Band = number | { from: number; to: number } | { withheld: true }

/** `120–124`, `*` for a withheld one (the page says below what that means), or the number itself. */
export function told(count: Band): string {
  if (typeof count === 'number') return formatNumber(count)
  if ('withheld' in count) return '*'
  return `${formatNumber(count.from)}–${formatNumber(count.to)}`
}

/** The same for a screen reader, to whom an asterisk says nothing. */
export function spoken(count: Band): string {
  if (typeof count !== 'number' && 'withheld' in count) return t('situation.withheld')
  return told(count)
}

export function isBand(count: Band): boolean {
  return typeof count !== 'number'
}
