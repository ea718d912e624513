// Tubes and boxes on their way to the server: a record each, kept sealed on this phone from the first person on. What goes is
// fixed when a tube closes, its id with it, so that sent again after a lost answer it is registered once.
//
// Deliberately absent: how it is kept, sent and told, and which clock: all are given, so that this can be tried without any.

import type { Failure } from '../../../lib/api'
import { spread } from '../../../lib/busy.svelte'
import type { Packed, TubeAnswer, TubeLine } from '../../../lib/lab'
import { closeTube, isUnsent, keptTube, lineOf, reopenTube, type Box, type Entry, type Said, type Tube } from './tube'

export interface Ways {
  shelf: { putAll(entries: Entry[]): Promise<void>; removeAll(ids: string[]): Promise<void> }
  send: (lines: TubeLine[]) => Promise<Map<string, TubeAnswer>>
  pack: (body: { id: string; box: string; post: string; tubes: string[]; packed: number }) => Promise<{ out: Packed }>
  handOver: (body: { id: string; box: string; at: number; count: number; courier: string }) => Promise<unknown>
  failureOf: (error: unknown) => Failure
  makeId: () => string
  clock: () => number
  /** 0 to 1. */
  chance?: () => number
}

/** The server takes this many lines in one request. */
const MOST_LINES = 200
/** And reads this much of one. */
const MOST_BYTES = 700_000
const LANES = 2
/** A request that took longer is followed by smaller ones: on a thin line a big one would be cut off. */
const SLOW_MS = 7_000
const QUICK_MS = 2_500
const FIRST_PAUSE_MS = 4_000
const LONGEST_PAUSE_MS = 300_000

const DAY_MS = 86_400_000
/** What the server has is remembered for the day's duplicates and for its box. */
const KEPT_MS = 3 * DAY_MS

/** `waits`: the server asked to be left alone until `waitUntil`. */
export type Flushed = 'done' | 'cut' | 'waits'

export class Queue {
  entries: Entry[] = []
  onchange: (entries: Entry[]) => void = () => {}
  /** Nothing is sent before; by the server's wish, or because the last tries failed. */
  waitUntil = 0
  /** Why the last attempt stopped. */
  stopped: Failure | null = null
  #byServer = false
  #failed = 0
  #lines = 100
  #sending = false

  constructor(private readonly ways: Ways) {}

  get tubes(): Tube[] {
    return this.entries.filter((entry) => entry.what === 'tube')
  }

  get boxes(): Box[] {
    return this.entries.filter((entry) => entry.what === 'box')
  }

  get open(): Tube | null {
    return this.tubes.find((tube) => tube.state === 'open') ?? null
  }

  get unsent(): Entry[] {
    return this.entries.filter(isUnsent)
  }

  /** Closed and in no box. */
  get loose(): Tube[] {
    const boxed = new Set(this.boxes.flatMap((box) => box.tubes))
    return this.tubes.filter((tube) => tube.state !== 'open' && !boxed.has(tube.tube))
  }

  /** What lay on the shelf. A tube that was opened again and its former self are one. */
  async take(records: Entry[]) {
    const replaced = new Set(records.flatMap((entry) => (entry.what === 'tube' && entry.replaces ? [entry.replaces] : [])))
    this.#set(records.filter((entry) => !replaced.has(entry.id)))
    const old = records.filter((entry) => replaced.has(entry.id)).map((entry) => entry.id)
    if (old.length) await this.ways.shelf.removeAll(old)
    await this.#forgetOld()
  }

  /** Kept first, shown then: what is on the screen is on the disk. */
  async put(...entries: Entry[]) {
    await this.ways.shelf.putAll(entries)
    this.#show(entries)
  }

  async drop(id: string) {
    await this.ways.shelf.removeAll([id])
    this.#set(this.entries.filter((entry) => entry.id !== id))
  }

  async close(tube: Tube, hold = 0): Promise<Tube> {
    const closed = closeTube(tube, this.ways.clock(), hold)
    await this.put(closed)
    return closed
  }

  /** Back to the desk; null when it may have arrived. */
  async reopen(id: string): Promise<Tube | null> {
    const tube = this.tubes.find((one) => one.id === id)
    const again = tube && !this.open ? reopenTube(tube, this.ways.makeId()) : null
    if (!again) return null
    // Out of the sender's sight before anything is awaited.
    this.#set([...this.entries.filter((entry) => entry.id !== id), again])
    await this.ways.shelf.putAll([again])
    await this.ways.shelf.removeAll([id])
    return again
  }

  /** The question about a tube was read. */
  async settle(tube: Tube) {
    await this.put({ ...tube, conflicts: [], people: [] })
  }

  /** `hurry`: the connection is back or somebody asks; what the server asked for is kept all the same. */
  async flush(hurry = false): Promise<Flushed> {
    const now = this.ways.clock()
    if (now < this.waitUntil && (this.#byServer || !hurry)) return 'waits'
    if (this.#sending) return 'cut'
    this.#sending = true
    try {
      const failure = (await this.#sendTubes()) ?? (await this.#sendBoxes())
      this.stopped = failure
      if (failure) return 'cut'
      this.waitUntil = this.#failed = 0
      await this.#forgetOld()
      return 'done'
    } finally {
      this.#sending = false
      this.onchange(this.entries)
    }
  }

  async #sendTubes(): Promise<Failure | null> {
    const taken = new Set<string>()
    let failure: Failure | null = null
    const lane = async () => {
      while (!failure) {
        const batch = this.#batch(taken)
        if (batch.length === 0) return
        for (const tube of batch) taken.add(tube.id)
        const failed = await this.#send(batch)
        failure ??= failed
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return failure
  }

  /** The next tubes in the order they were closed, as many as one request may carry. */
  #batch(taken: Set<string>): Tube[] {
    const now = this.ways.clock()
    const batch: Tube[] = []
    let bytes = 0
    for (const tube of this.tubes) {
      if (tube.state !== 'waiting' || taken.has(tube.id) || tube.held_until > now) continue
      bytes += 200 + tube.people.length * 220
      if (batch.length > 0 && (batch.length >= this.#lines || bytes > MOST_BYTES)) break
      batch.push(tube)
    }
    return batch
  }

  async #send(batch: Tube[]): Promise<Failure | null> {
    const going = batch.map((tube) => ({ ...tube, sent: true }))
    // Shown before it is kept: nobody may open a tube again that is on its way.
    this.#show(going)
    await this.ways.shelf.putAll(going)
    const started = this.ways.clock()
    try {
      const answers = await this.ways.send(going.map(lineOf))
      this.#pace(this.ways.clock() - started, going.length)
      await this.put(...going.map((tube) => answered(tube, answers.get(tube.id))))
      return null
    } catch (error) {
      const failure = this.ways.failureOf(error)
      // Told to come later, it did not arrive: the tube is as free as before. What took too long may have.
      if (failure.status > 0 && failure.code !== 'request.too_long') await this.put(...batch)
      if (failure.passing) {
        this.#lines = Math.max(10, Math.floor(this.#lines / 2))
        this.#pause(failure)
        return failure
      }
      if (signedOut(failure)) return failure
      // One line the server cannot read makes it refuse all: smaller requests find it.
      if (going.length > 1) {
        this.#lines = Math.max(1, Math.floor(going.length / 4))
        this.#pause(failure)
        return failure
      }
      await this.put({ ...going[0]!, state: 'refused', said: saidBy(failure) })
      return null
    }
  }

  #pace(took: number, lines: number) {
    if (took > SLOW_MS) this.#lines = Math.max(10, Math.floor(lines / 2))
    else if (took < QUICK_MS) this.#lines = Math.min(MOST_LINES, Math.max(this.#lines, lines * 2))
  }

  #pause(failure: Failure) {
    const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failed++)
    this.#byServer = failure.waitMs !== null
    // A little later by chance: all phones of a place lost the network at the same moment.
    this.waitUntil = this.ways.clock() + spread(failure.waitMs ?? grown, (this.ways.chance ?? Math.random)())
  }

  /** A box after all of its tubes, and its hand-over after the box. */
  async #sendBoxes(): Promise<Failure | null> {
    const waiting = new Set(this.tubes.filter((tube) => tube.state === 'waiting' || tube.state === 'open').map((tube) => tube.tube))
    for (const { id } of this.boxes) {
      const failure = await this.#sendBox(id, waiting)
      if (failure) return failure
    }
    return null
  }

  async #sendBox(id: string, waiting: Set<string>): Promise<Failure | null> {
    const now = () => this.boxes.find((box) => box.id === id)!
    const before = now()
    if (before.state === 'waiting' && !before.tubes.some((tube) => waiting.has(tube))) {
      const { box, post, tubes, packed } = before
      let elsewhere: string[] = []
      const failed = await this.#try(async () => {
        elsewhere = (await this.ways.pack({ id, box, post, tubes, packed })).out.elsewhere
      })
      if (failed && this.#stops(failed)) return failed
      await this.put({ ...now(), elsewhere, state: failed ? 'refused' : 'kept', said: failed && saidBy(failed) })
    }
    const { state, box, handed } = now()
    if (state === 'kept' && handed?.state === 'waiting') {
      const { id, at, count, courier } = handed
      const failed = await this.#try(() => this.ways.handOver({ id, box, at, count, courier }))
      if (failed && this.#stops(failed)) return failed
      await this.put({ ...now(), handed: { ...handed, state: failed ? 'refused' : 'kept', said: failed && saidBy(failed) } })
    }
    return null
  }

  async #try(send: () => Promise<unknown>): Promise<Failure | null> {
    try {
      await send()
      return null
    } catch (error) {
      return this.ways.failureOf(error)
    }
  }

  #stops(failure: Failure): boolean {
    if (failure.passing) this.#pause(failure)
    return failure.passing || signedOut(failure)
  }

  async #forgetOld() {
    const before = this.ways.clock() - KEPT_MS
    const loose = new Set(this.loose.map((tube) => tube.id))
    const old = this.entries.filter((entry) => {
      if (isUnsent(entry)) return false
      if (entry.what === 'box') return entry.packed < before && entry.handed !== null
      return (entry.closed ?? 0) < (loose.has(entry.id) ? before - KEPT_MS : before) && entry.conflicts.length === 0
    })
    if (old.length === 0) return
    const gone = new Set(old.map((entry) => entry.id))
    await this.ways.shelf.removeAll([...gone])
    this.#set(this.entries.filter((entry) => !gone.has(entry.id)))
  }

  #show(entries: Entry[]) {
    const changed = new Set(entries.map((entry) => entry.id))
    this.#set([...this.entries.filter((entry) => !changed.has(entry.id)), ...entries])
  }

  #set(entries: Entry[]) {
    const moment = (entry: Entry) => (entry.what === 'tube' ? (entry.closed ?? Infinity) : entry.packed)
    this.entries = [...entries].sort((a, b) => moment(a) - moment(b) || (a.id < b.id ? -1 : 1))
    this.onchange(this.entries)
  }
}

/** Whoever is here must show who they are: what waits is as good as before. */
const signedOut = (failure: Failure) => failure.status === 401 || failure.code.startsWith('access.')

const saidBy = ({ code, zh, en }: Failure): Said => ({ code, zh, en })

function answered(tube: Tube, answer: TubeAnswer | undefined): Tube {
  // Nothing was said about this one: it is asked about again.
  if (!answer) return tube
  if ('out' in answer) return keptTube(tube, answer.out.people, answer.out.conflicts)
  const { code, say_zh, say_en } = answer.error
  return { ...tube, state: 'refused', said: { code, zh: say_zh, en: say_en } }
}
