// The disease packs, loaded once: their names and the ids that changes carry.

import { read } from './api'
import type { Disease } from './contract'
import { both } from './words.svelte'

let held = $state.raw<Disease[]>([])
let loading: Promise<void> | null = null

export const diseases = {
  get all(): Disease[] {
    return held
  },
  load(): Promise<void> {
    loading ??= read.diseases().then(
      (answer) => void (held = answer),
      (error) => {
        loading = null
        throw error
      },
    )
    return loading
  },
}

export function diseaseName(id: string | null | undefined): string {
  return both(held.find((disease) => disease.id === id)) || (id ?? '')
}
