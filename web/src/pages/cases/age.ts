// An age as it is known: years, weeks of a baby are a fraction of a year, or only a band.

import { formatNumber } from '../../lib/words.svelte'

export function ageText(age: number | null, band: string | null): string {
  if (age === null) return band ?? ''
  return formatNumber(age, Number.isInteger(age) ? 0 : 1)
}
