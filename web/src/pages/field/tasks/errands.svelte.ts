// One worker's day on this phone: the tasks as last heard, sealed like what is done with them, and what waits to be sent.

import { failureOf, type Failure } from '../../../lib/api'
import { makeId } from '../../../lib/id'
import { SealedShelf } from '../../../lib/sealed'
import { isActive, sendDeeds, spotText, tasks, wayOrder, type Did, type Mine, type Proof, type TaskRow, type TasksPack } from '../../../lib/tasks'
import { keys, rows } from '../../../lib/task_shelf'
import { asDone, Deeds, type Deed } from './deeds'

/** The list as it was heard: it says where people live, so it is sealed too. */
interface Day {
  what: 'day'
  id: string
  account: string
  at: number
  /** The server's clock minus this phone's. */
  offset: number
  mine: Mine
  pack: TasksPack
}

type Kept = Day | Deed

export class Errands {
  day = $state.raw<Day | null>(null)
  all = $state.raw<Deed[]>([])
  others = $state(0)
  unreadable = $state.raw<string[]>([])
  /** 'no': this browser keeps nothing. */
  keeps = $state<'unknown' | 'yes' | 'no'>('unknown')
  ready = $state(false)
  failure = $state.raw<Failure | null>(null)
  stopped = $state.raw<Failure | null>(null)

  readonly unsent = $derived(this.all.filter((deed) => deed.state === 'waiting').length)
  /** In the order somebody walks. */
  readonly way = $derived(
    (this.day?.mine.rows ?? [])
      .map((task) => asDone(task, this.all))
      .filter((task) => isActive(task.state))
      .sort((a, b) => wayOrder(a.spot, b.spot) || a.deadline - b.deadline || (a.id < b.id ? -1 : 1)),
  )

  #shelf: SealedShelf<Kept>
  #deeds: Deeds

  constructor(readonly account: string) {
    this.#shelf = new SealedShelf<Kept>(rows, keys, account, (kept) => kept.what === 'deed' && kept.state === 'waiting')
    this.#deeds = new Deeds({
      keep: (deeds) => this.#keep(() => this.#shelf.putAll(deeds)),
      forget: (ids) => this.#keep(() => this.#shelf.removeAll(ids)),
      send: sendDeeds,
      failureOf,
    })
    this.#deeds.onchange = (all) => (this.all = all)
  }

  now(): number {
    return Date.now() + (this.day?.offset ?? 0)
  }

  kind(id: string) {
    return this.day?.pack.kinds.find((kind) => kind.id === id) ?? null
  }

  async start() {
    try {
      const found = await this.#shelf.open()
      this.others = [...found.others.values()].reduce((sum, n) => sum + n, 0)
      this.unreadable = found.unreadable
      this.keeps = 'yes'
      this.day = found.records.find((kept): kept is Day => kept.what === 'day') ?? null
      this.#deeds.take(found.records.filter((kept): kept is Deed => kept.what === 'deed'))
    } catch {
      // Held by the page alone, and the page says so.
      this.keeps = 'no'
    }
    this.ready = true
  }

  /** What is to be done now. */
  async ask() {
    try {
      const [mine, pack] = await Promise.all([tasks.mine(), tasks.pack()])
      const day: Day = { what: 'day', id: `day_${this.account}`, account: this.account, at: Date.now(), offset: mine.now - Date.now(), mine, pack }
      this.day = day
      this.failure = null
      await this.#keep(() => this.#shelf.putAll([day]))
    } catch (error) {
      this.failure = failureOf(error)
      throw error
    }
  }

  async tell(task: TaskRow, did: Did, more: { proof?: Proof; photo?: string; reason?: string } = {}) {
    const deed: Deed = {
      what: 'deed', id: makeId('change'), account: this.account, task: task.id, did, at: Math.round(this.now()), kind: task.kind,
      where: spotText(task.spot), state: 'waiting', said: null, out: null, ...more,
    }
    await this.#deeds.add(deed)
  }

  async send(): Promise<boolean> {
    const whole = await this.#deeds.flush()
    this.stopped = this.#deeds.stopped
    return whole
  }

  read(id: string) {
    return this.#deeds.drop(id)
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
