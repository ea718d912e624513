// Short notices at the corner: what was done, or what failed and how to try again.

export interface Toast {
  id: number
  kind: 'done' | 'failed'
  text: string
  again?: () => void
}

const list = $state<Toast[]>([])
let next = 1

/** Done notices leave by themselves; a failure stays until it is read. */
const DONE_MS = 5000

export const toasts = {
  get list() {
    return list
  },
  done(text: string) {
    const id = next++
    list.push({ id, kind: 'done', text })
    setTimeout(() => toasts.close(id), DONE_MS)
  },
  failed(text: string, again?: () => void) {
    list.push({ id: next++, kind: 'failed', text, again })
  },
  close(id: number) {
    const index = list.findIndex((toast) => toast.id === id)
    if (index >= 0) list.splice(index, 1)
  },
}
