// Short notices at the corner: what was done, or what failed and how to try again.

export interface Toast {
  id: number
  kind: 'done' | 'failed'
  text: string
  again?: () => void
  /** Takes back what was done. */
  undo?: () => void
}

const list = $state<Toast[]>([])
let next = 1

/** Done notices leave by themselves, later when they can be undone; a failure stays until it is read. */
const DONE_MS = 5000
const UNDO_MS = 20_000

export const toasts = {
  get list() {
    return list
  },
  done(text: string, undo?: () => void) {
    const id = next++
    list.push({ id, kind: 'done', text, undo })
    setTimeout(() => toasts.close(id), undo ? UNDO_MS : DONE_MS)
  },
  failed(text: string, again?: () => void) {
    list.push({ id: next++, kind: 'failed', text, again })
  },
  close(id: number) {
    const index = list.findIndex((toast) => toast.id === id)
    if (index >= 0) list.splice(index, 1)
  },
}
