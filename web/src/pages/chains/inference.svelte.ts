// Asks for inferred links and waits while the model draws them; leaving the page or the switch stops the waiting.

import { failureOf, type Failure } from '../../lib/api'
import { trace, type Inferred } from '../../lib/trace'

export class Inference {
  answer = $state.raw<Extract<Inferred, { ready: true }> | null>(null)
  /** Since when the model draws, while it does. */
  waiting = $state.raw<Extract<Inferred, { ready: false }> | null>(null)
  failure = $state.raw<Failure | null>(null)
  #turn = $state(0)

  /** Call while a component is being set up; `event` says of which event, '' of none. */
  constructor(event: () => string) {
    $effect(() => {
      const of = event()
      void this.#turn
      this.answer = null
      this.waiting = null
      this.failure = null
      if (!of) return
      const stop = new AbortController()
      void this.#ask(of, stop.signal)
      return () => stop.abort()
    })
  }

  again() {
    this.#turn += 1
  }

  async #ask(event: string, signal: AbortSignal) {
    try {
      while (!signal.aborted) {
        const answer = await trace.inferred(event, signal)
        if (signal.aborted) return
        if (answer.ready) {
          this.answer = answer
          this.waiting = null
          return
        }
        this.waiting = answer
        await new Promise((done) => setTimeout(done, answer.ask_again_s * 1000))
      }
    } catch (error) {
      if (!signal.aborted) this.failure = failureOf(error)
    }
  }
}
