// One worker's day on this phone: what was asked for, as last heard, sealed like what is done about it, and what waits to be sent.

import { failureOf, type Failure } from '../../lib/api'
import { spread } from '../../lib/busy.svelte'
import { Outgoing, type Going, type Heard } from '../../lib/outgoing'
import { SealedShelf } from '../../lib/sealed'
import type { SealedHouse } from '../../lib/sealed_house'
import { session } from '../../lib/session.svelte'
import { keepAnswer } from '../../lib/shelf'
import { keepLine, type Line } from './line.svelte'

/** The list as it was heard: it says where people live, so it is sealed too. */
type Day<H> = H & {
  what: 'day'
  id: string
  account: string
  /** This phone's clock; the server's minus this phone's. */
  at: number
  offset: number
}

interface Piece extends Going {
  what: string
  account: string
}

/** `H`: what is heard of a day; `P`: what is done about it. */
export abstract class KeptDay<H extends object, P extends Piece> {
  day = $state.raw<Day<H> | null>(null)
  all = $state.raw<P[]>([])
  others = $state(0)
  unreadable = $state.raw<string[]>([])
  /** 'no': this browser keeps nothing. */
  keeps = $state<'unknown' | 'yes' | 'no'>('unknown')
  ready = $state(false)
  /** Why the list is not of now: what the last question was answered with. */
  failure = $state.raw<Failure | null>(null)
  stopped = $state.raw<Failure | null>(null)

  readonly unsent = $derived(this.all.filter((piece) => piece.state === 'waiting').length)

  #shelf: SealedShelf<Day<H> | P>
  #out: Outgoing<P>

  constructor(
    readonly account: string,
    { rows, keys }: SealedHouse,
    send: (pieces: P[]) => Promise<Map<string, Heard<NonNullable<P['out']>>>>,
  ) {
    this.#shelf = new SealedShelf<Day<H> | P>(rows, keys, account, (kept) => !isDay(kept) && kept.state === 'waiting')
    this.#out = new Outgoing<P>({
      keep: (pieces) => this.#keep(() => this.#shelf.putAll(pieces)),
      forget: (ids) => this.#keep(() => this.#shelf.removeAll(ids)),
      send,
      failureOf,
    })
    this.#out.onchange = (all) => (this.all = all)
  }

  now(): number {
    return Date.now() + (this.day?.offset ?? 0)
  }

  async start() {
    try {
      const found = await this.#shelf.open()
      this.others = [...found.others.values()].reduce((sum, n) => sum + n, 0)
      this.unreadable = found.unreadable
      this.keeps = 'yes'
      this.day = found.records.find(isDay) ?? null
      this.#out.take(found.records.filter((kept): kept is P => !isDay(kept)))
    } catch {
      // Held by the page alone, and the page says so.
      this.keeps = 'no'
    }
    this.ready = true
  }

  /** What is to be done now. */
  abstract ask(): Promise<void>

  /** `hear` asks the server, whose clock is in its answer. */
  protected async hears(hear: () => Promise<{ now: number; heard: H }>) {
    try {
      const { now, heard } = await hear()
      const day: Day<H> = { what: 'day', id: `day_${this.account}`, account: this.account, at: Date.now(), offset: now - Date.now(), ...heard }
      this.day = day
      this.failure = null
      await this.#keep(() => this.#shelf.putAll([day]))
    } catch (error) {
      this.failure = failureOf(error)
      throw error
    }
  }

  protected add(piece: P) {
    return this.#out.add(piece)
  }

  async send(): Promise<boolean> {
    const whole = await this.#out.flush()
    this.stopped = this.#out.stopped
    return whole
  }

  read(id: string) {
    return this.#out.drop(id)
  }

  async forgetUnreadable() {
    await this.#keep(() => this.#shelf.removeAll(this.unreadable))
    this.unreadable = []
  }

  async #keep(write: () => Promise<void>) {
    if (this.keeps === 'no') return
    try {
      await write()
    } catch {
      this.keeps = 'no'
    }
  }
}

function isDay<H>(kept: Day<H> | Piece): kept is Day<H> {
  return kept.what === 'day'
}

/** How old a list may be before it is asked for again. */
const OLD_MS = 120_000

/** Called while a page of the day is made. `sync(true)`: at once, whatever was heard a moment ago. */
export function atWork<H extends object, P extends Piece>(name: string, day: KeptDay<H, P>): { line: Line; sync: (hurry?: boolean) => Promise<void> } {
  let busy = false
  /** A busy server is asked no sooner than it said. */
  let quietUntil = 0

  /** Who is here first, because a write needs the session's token; then what waits; then what is asked for now. */
  async function sync(hurry = false) {
    if (line.elsewhere || busy || Date.now() < quietUntil) return
    // Nothing is asked where there is surely no network; when it is back, this is done again.
    if (!navigator.onLine) return void (line.online = false)
    busy = true
    try {
      if (session.kept) await session.load()
      if (session.account) await keepAnswer('state', { ...$state.snapshot(session.state), csrf: null })
      // Nobody's session sends what somebody else did.
      if ((session.account?.id ?? '') !== day.account) return
      const had = day.unsent
      await day.send()
      if (day.stopped?.status === 0) line.online = false
      else if (day.stopped?.waitMs) refused(day.stopped)
      else if (hurry || had || !line.online || !day.day || day.failure || Date.now() - day.day.at > OLD_MS) {
        await day.ask()
        line.online = true
      }
    } catch (error) {
      refused(failureOf(error))
    } finally {
      busy = false
    }
  }

  function refused(failure: Failure) {
    day.failure = failure
    if (failure.status === 0) line.online = false
    quietUntil = Date.now() + spread(failure.waitMs ?? 0)
  }

  const line = keepLine(name, () => day.start(), sync)
  return { line, sync }
}
