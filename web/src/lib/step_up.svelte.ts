// "Is it you?", asked at one place for the whole page. Whoever waits for the answer gets the same one.

import { onStepUp } from './api'

const held = $state({ asking: false })
let waiting: ((shown: boolean) => void)[] = []

export const stepUp = {
  get asking(): boolean {
    return held.asking
  },
  ask(): Promise<boolean> {
    held.asking = true
    return new Promise((answered) => waiting.push(answered))
  },
  /** The person has shown it, or would rather not. */
  answer(shown: boolean) {
    held.asking = false
    const all = waiting
    waiting = []
    for (const answered of all) answered(shown)
  },
}

onStepUp(() => stepUp.ask())
