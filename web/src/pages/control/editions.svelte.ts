// The levels of every edition, fetched once: their words, letters and colours.

import { control, type Edition, type Level, type Unit } from '../../lib/control'
import { placeName } from '../../lib/places.svelte'
import { both, language } from '../../lib/words.svelte'

const held = $state<{ all: Edition[] }>({ all: [] })
let loading: Promise<void> | null = null

export const editions = {
  get all(): Edition[] {
    return held.all
  },
  load(): Promise<void> {
    loading ??= control.levels({}).then(
      (told) => void (held.all = told.editions),
      (error) => {
        loading = null
        throw error
      },
    )
    return loading
  },
}

export const editionOf = (protocol: string) => held.all.find((one) => one.id === protocol)

export function levelOf(protocol: string, level: string | null | undefined): Level | undefined {
  return editionOf(protocol)?.zones.levels.find((one) => one.id === level)
}

export const levelName = (protocol: string, level: string | null | undefined) =>
  both(levelOf(protocol, level)) || (level ?? '')

export const letterOf = (protocol: string, level: string) => {
  const one = levelOf(protocol, level)
  return one ? (language() === 'zh' ? one.letter_zh : one.letter_en) : level.slice(0, 1)
}

/** The strictest first: high, medium, low of one ordered palette. */
export const STEPS = ['high', 'medium', 'low'] as const

export function stepOf(protocol: string, level: string): (typeof STEPS)[number] {
  const levels = editionOf(protocol)?.zones.levels ?? []
  const place = levels.findIndex((one) => one.id === level)
  const rest = levels[place]?.rest_of_county ?? false
  return rest ? 'low' : (STEPS[Math.max(0, place)] ?? 'low')
}

/** `甲小区 5号楼（太谷区）`; a place as a whole is its own name. */
export function unitName(unit: Unit): string {
  const part = (unit.part ?? []).join(' ')
  const place = placeName(unit.territory)
  if (!part) return place
  return language() === 'zh' ? `${part}（${place}）` : `${part} (${place})`
}

export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** `甲小区 · 5号楼` below a territory, from the wide to the narrow. */
export const unitOf = (territory: string, line: string, kind: Unit['kind']): Unit => ({
  territory,
  part: line.split(/\s*[·>]\s*/),
  kind,
})

// The browser gives a number of a number field, and a draft its text.
export const numberOf = (told: string | number | null) => (told === null || told === '' ? null : Number(told))
