// How many signals are open, for the navigation: asked once, and again only when a change was about signals.

import { live } from './live.svelte'
import { session } from './session.svelte'
import { surveillance } from './surveillance'

const ABOUT = new Set(['take up signal', 'raise signal', 'renew signal', 'answer signal', 'merge signal'])

let held = $state.raw<number | null>(null)

export const openSignals = {
  get n(): number | null {
    return held
  },
  /** Until the answer is called. */
  follow(): () => void {
    let waiting: ReturnType<typeof setTimeout> | undefined
    const ask = () => {
      waiting = undefined
      if (!session.may('signals.read')) return
      surveillance.signals({ state: 'open', limit: 1 }).then(
        ({ open }) => (held = Object.values(open).reduce((sum, n) => sum + n, 0)),
        // The number in the navigation is a help; the page itself says what went wrong.
        () => (held = null),
      )
    }
    ask()
    const stop = live.hear({
      change: ({ change }) => {
        if (ABOUT.has(change)) waiting ??= setTimeout(ask, 1000)
      },
    })
    return () => {
      clearTimeout(waiting)
      stop()
    }
  },
}
