// The server asked to be left alone for a while: whoever looks at the page sees for how long, and how many come before.

interface Wait {
  until: number
  before: number | null
}

const state = $state<{ waits: Wait[] }>({ waits: [] })

export const busy = {
  /** The longest of what is waited for now. */
  get longest(): Wait | null {
    return state.waits.reduce<Wait | null>((longest, wait) => (longest === null || wait.until > longest.until ? wait : longest), null)
  },
}

/** Not sooner than asked for, and a little later by chance: a crowd that was told the same does not come back as one. */
export const spread = (ms: number, chance = Math.random()): number => Math.round(ms * (1 + 0.2 * chance))

/** Waits in sight; false when nobody wants the answer any more. */
export async function waitInSight(ms: number, before: number | null, signal?: AbortSignal): Promise<boolean> {
  const wait = { until: Date.now() + ms, before }
  state.waits = [...state.waits, wait]
  await new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      done()
    })
  })
  state.waits = state.waits.filter((one) => one.until !== wait.until || one.before !== wait.before)
  return !signal?.aborted
}
