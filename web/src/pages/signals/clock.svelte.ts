// The server's clock on the page: what it said with the last answer, and the time that has passed here since.

const BEAT_MS = 30_000

export class Clock {
  #said = $state.raw<{ server: number; here: number } | null>(null)
  #here = $state(Date.now())

  /** Call while a component is being set up. */
  constructor() {
    $effect(() => {
      const beat = setInterval(() => (this.#here = Date.now()), BEAT_MS)
      return () => clearInterval(beat)
    })
  }

  /** An answer came; without the server's clock the one on the wall has to do. */
  set(now: string | number | undefined) {
    const server = now ? new Date(now).getTime() : Number.NaN
    this.#here = Date.now()
    this.#said = Number.isNaN(server) ? null : { server, here: this.#here }
  }

  get now(): number {
    return this.#said ? this.#said.server + (this.#here - this.#said.here) : this.#here
  }
}
