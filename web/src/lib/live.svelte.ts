// The server tells when something changed; pages that read `live.revision` in an effect fetch again what they
// show.

import { spread } from './busy.svelte'

export interface LiveChange {
  seq: number
  change: string
  territory: string
  event: string | null
}

export interface LiveImport {
  id: string
  state: string
  progress: { done: number; total: number; per_second: number } | null
}

/** Waits between attempts grow to half a minute: a restarted server is found soon, a dead one is not
 * hammered. */
const WAITS_MS = [1000, 2000, 4000, 8000, 15000, 30000]

/** A burst of changes (an import) becomes one refresh of the page. */
const GATHER_MS = 400

type Listener = { change?: (change: LiveChange) => void; import?: (progress: LiveImport) => void }

const state = $state({ revision: 0, connected: false, lost: false })
const listeners = new Set<Listener>()
let source: EventSource | null = null
let attempt = 0
let waiting: ReturnType<typeof setTimeout> | undefined
let gathering: ReturnType<typeof setTimeout> | undefined

export const live = {
  /** Goes up after changes; read it in an effect to be run again. */
  get revision() {
    return state.revision
  },
  get connected() {
    return state.connected
  },
  /** True between a break and the next connection. */
  get lost() {
    return state.lost
  },
  start() {
    if (!source) connect()
  },
  stop() {
    clearTimeout(waiting)
    source?.close()
    source = null
    attempt = 0
    state.connected = false
    state.lost = false
  },
  /** Hears every change and import step; the answer stops it. */
  hear(listener: Listener): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  /** Makes pages fetch again, for instance after a write of one's own. */
  refresh() {
    clearTimeout(gathering)
    gathering = undefined
    state.revision += 1
  },
}

function connect() {
  source = new EventSource('/api/live')
  source.addEventListener('open', () => {
    attempt = 0
    // Changes made during a break were not heard: fetch once.
    if (state.lost) live.refresh()
    state.connected = true
    state.lost = false
  })
  source.addEventListener('change', (event) => {
    const change = JSON.parse((event as MessageEvent<string>).data) as LiveChange
    for (const listener of listeners) listener.change?.(change)
    gathering ??= setTimeout(live.refresh, GATHER_MS)
  })
  source.addEventListener('import', (event) => {
    const progress = JSON.parse((event as MessageEvent<string>).data) as LiveImport
    for (const listener of listeners) listener.import?.(progress)
  })
  source.addEventListener('error', () => {
    source?.close()
    state.connected = false
    state.lost = true
    // Up to twice as long: every open page lost the same server at the same moment.
    waiting = setTimeout(connect, spread(WAITS_MS[Math.min(attempt++, WAITS_MS.length - 1)]!, 5 * Math.random()))
  })
}
