// The kinds of task, fetched once.

import { tasks, type TasksPack } from '../../lib/tasks'
import { both } from '../../lib/words.svelte'

let held = $state.raw<TasksPack | null>(null)
let loading: Promise<void> | null = null

export const pack = {
  get kinds() {
    return held?.kinds ?? []
  },
  get reasons() {
    return held?.reasons ?? []
  },
  load(): Promise<void> {
    loading ??= tasks.pack().then(
      (told) => void (held = told),
      (error) => {
        loading = null
        throw error
      },
    )
    return loading
  },
}

export function kindName(id: string): string {
  const kind = pack.kinds.find((one) => one.id === id)
  return kind ? both(kind) : id
}

export function reasonName(id: string | null): string {
  if (!id) return ''
  const reason = pack.reasons.find((one) => one.id === id)
  return reason ? both(reason) : id
}
