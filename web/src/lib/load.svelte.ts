// One thing fetched for a page: loading, here, or failed. Fetched again when what it depends on changes, with
// the old answer left on the screen meanwhile (a page that blanks on every live change cannot be read).

import { failureOf, type Failure } from './api'

export class Load<T> {
  value = $state.raw<T | null>(null)
  failure = $state.raw<Failure | null>(null)
  busy = $state(true)
  #turn = $state(0)

  /** Call while a component is being set up. `fetch` is an effect: whatever state it reads starts it again.
   * */
  constructor(fetch: (signal: AbortSignal) => Promise<T>) {
    $effect(() => {
      void this.#turn
      const stop = new AbortController()
      this.busy = true
      fetch(stop.signal)
        .then((value) => {
          if (stop.signal.aborted) return
          this.value = value
          this.failure = null
        })
        .catch((error) => {
          if (!stop.signal.aborted) this.failure = failureOf(error)
        })
        .finally(() => {
          if (!stop.signal.aborted) this.busy = false
        })
      return () => stop.abort()
    })
  }

  again() {
    this.#turn += 1
  }
}
