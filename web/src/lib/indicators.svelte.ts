// The surveillance pack, loaded once: names of indicators, kinds of site, groups, grades and reasons.

import { diseaseName, diseases } from './diseases.svelte'
import { surveillance, type Grade, type GradeRule, type Indicator, type SurveillancePack } from './surveillance'
import { both, language } from './words.svelte'

let held = $state.raw<SurveillancePack | null>(null)
let loading: Promise<void> | null = null

export const indicators = {
  get pack(): SurveillancePack | null {
    return held
  },
  get all(): Indicator[] {
    return held?.indicators ?? []
  },
  /** `reported_cases:measles` is the reported cases of one disease. */
  find(id: string): Indicator | undefined {
    return held?.indicators.find((one) => one.id === id.split(':')[0])
  },
  grade(id: Grade): GradeRule | undefined {
    return held?.grades.find((one) => one.id === id)
  },
  load(): Promise<void> {
    // An indicator may be about one disease; without the names of diseases its code is shown.
    const names = diseases.load().catch(() => {})
    loading ??= Promise.all([surveillance.pack(), names]).then(
      ([answer]) => void (held = answer),
      (error) => {
        loading = null
        throw error
      },
    )
    return loading
  },
}

const named = (list: { id: string; zh: string; en: string }[] | undefined, id: string | null | undefined) =>
  both(list?.find((one) => one.id === id)) || (id ?? '')

/** A word of the pack, and of which disease when it is about one. */
function ofDisease(list: { id: string; zh: string; en: string }[] | undefined, id: string | null | undefined) {
  const [word, disease] = (id ?? '').split(':')
  if (!disease) return named(list, word)
  const name = diseaseName(disease)
  return language() === 'zh' ? `${named(list, word)}（${name}）` : `${named(list, word)} (${name})`
}

export const indicatorName = (id: string | null | undefined) => ofDisease(held?.indicators, id)
export const kindName = (id: string | null | undefined) => named(held?.kinds, id)
export const groupName = (id: string | null | undefined) => ofDisease(held?.groups, id)
export const reasonName = (id: string | null | undefined) => named(held?.reasons, id)

export function unitOf(indicator: Pick<Indicator, 'unit_zh' | 'unit_en'> | undefined): string {
  if (!indicator) return ''
  return language() === 'zh' ? indicator.unit_zh : indicator.unit_en
}
