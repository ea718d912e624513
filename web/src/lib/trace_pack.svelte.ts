// Protocols, interview forms and the words of exposures, loaded once.

import { trace, type TracePack } from './trace'
import { both } from './words.svelte'

let held = $state.raw<TracePack | null>(null)
let loading: Promise<void> | null = null

export const tracePack = {
  get value(): TracePack | null {
    return held
  },
  load(): Promise<void> {
    loading ??= trace.pack().then(
      (pack) => void (held = pack),
      (error) => {
        loading = null
        throw error
      },
    )
    return loading
  },
}

export function exposureKind(id: string): string {
  return both(held?.exposure_kinds.find((one) => one.id === id)) || id
}

export function tracePlaceKind(id: string | null): string {
  return id ? both(held?.place_kinds.find((one) => one.id === id)) || id : ''
}

/** The words of a rule of a protocol. */
export function ruleWords(protocol: string | null, rule: string | null): string {
  const found = held?.protocols.find((one) => one.id === protocol)?.rules.find((one) => one.id === rule)
  return both(found) || rule || ''
}

export function protocolName(id: string | null): string {
  return both(held?.protocols.find((one) => one.id === id)) || id || ''
}
