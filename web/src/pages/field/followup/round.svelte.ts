// One worker's round on this phone: today's people as last heard, sealed like what was seen of them, and what waits to be sent.

import { failureOf, type Failure } from '../../../lib/api'
import { followup, sendVisits, type NotSeen, type Round as Heard, type RoundRow } from '../../../lib/followup'
import { makeId } from '../../../lib/id'
import { Outgoing } from '../../../lib/outgoing'
import { SealedShelf } from '../../../lib/sealed'
import { keys, rows } from '../../../lib/visit_shelf'
import { asSeen, lineOf, type Visit } from './visits'

/** The list as it was heard: it says who is ill and where, so it is sealed too. */
interface Day {
  what: 'day'
  id: string
  account: string
  /** This phone's clock; the server's minus this phone's. */
  at: number
  offset: number
  round: Heard
}

type Kept = Day | Visit

export class Round {
  day = $state.raw<Day | null>(null)
  all = $state.raw<Visit[]>([])
  others = $state(0)
  unreadable = $state.raw<string[]>([])
  /** 'no': this browser keeps nothing. */
  keeps = $state<'unknown' | 'yes' | 'no'>('unknown')
  ready = $state(false)
  failure = $state.raw<Failure | null>(null)
  stopped = $state.raw<Failure | null>(null)

  readonly unsent = $derived(this.all.filter((visit) => visit.state === 'waiting').length)
  /** In the order of the way, as the server gave it. */
  readonly way = $derived((this.day?.round.rows ?? []).map((row) => asSeen(row, this.all, this.day!.round.now)))

  #shelf: SealedShelf<Kept>
  #out: Outgoing<Visit>

  constructor(readonly account: string) {
    this.#shelf = new SealedShelf<Kept>(rows, keys, account, (kept) => kept.what === 'visit' && kept.state === 'waiting')
    this.#out = new Outgoing<Visit>({
      keep: (visits) => this.#keep(() => this.#shelf.putAll(visits)),
      forget: (ids) => this.#keep(() => this.#shelf.removeAll(ids)),
      send: (visits) => sendVisits(visits.map(lineOf)),
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
      this.day = found.records.find((kept): kept is Day => kept.what === 'day') ?? null
      this.#out.take(found.records.filter((kept): kept is Visit => kept.what === 'visit'))
    } catch {
      // Held by the page alone, and the page says so.
      this.keeps = 'no'
    }
    this.ready = true
  }

  /** Who is to be seen now. */
  async ask() {
    try {
      const round = await followup.day({ worker: 'me' })
      this.day = { what: 'day', id: `day_${this.account}`, account: this.account, at: Date.now(), offset: round.now - Date.now(), round }
      this.failure = null
      const day = this.day
      await this.#keep(() => this.#shelf.putAll([day]))
    } catch (error) {
      this.failure = failureOf(error)
      throw error
    }
  }

  async tell(row: RoundRow, saw: { celsius: number | null; signs: string[] } | { not_seen: NotSeen }) {
    const where = row.route || row.home
    await this.#out.add({
      what: 'visit', id: makeId('change'), account: this.account, check: makeId('check'), course: row.id, at: Math.round(this.now()), case: makeId('case'),
      no: row.no, where, state: 'waiting', said: null, out: null, ...saw,
    })
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
