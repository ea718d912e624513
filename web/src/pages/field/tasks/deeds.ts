// What was done on this phone, on its way to the server. Each deed is kept here before it is sent, and has an id made here: sent
// again after a lost answer it is done once. What the server said about each stays until it is read.
//
// Deliberately absent: how a deed is kept and how it is sent; both are given, so that this can be tried without either.

import type { Failure } from '../../../lib/api'
import type { DeedAnswer, DeedLine, DeedOut, Did, TaskRow, TaskState } from '../../../lib/tasks'

export interface Deed extends DeedLine {
  what: 'deed'
  account: string
  kind: string
  where: string
  state: 'waiting' | 'kept' | 'refused'
  said: { code: string; zh: string; en: string } | null
  out: DeedOut | null
}

export interface Ways {
  keep: (deeds: Deed[]) => Promise<void>
  forget: (ids: string[]) => Promise<void>
  send: (lines: DeedLine[]) => Promise<Map<string, DeedAnswer>>
  failureOf: (error: unknown) => Failure
}

/** Deeds of one request; the door takes five hundred. */
const BATCH = 100

/** What was kept is shown this many. */
const SHOWN = 30

export class Deeds {
  all: Deed[] = []
  onchange: (all: Deed[]) => void = () => {}
  stopped: Failure | null = null
  #running: Promise<boolean> | null = null

  constructor(private readonly ways: Ways) {}

  get waiting(): Deed[] {
    return this.all.filter((deed) => deed.state === 'waiting')
  }

  take(all: Deed[]) {
    this.#set([...all].sort((a, b) => a.at - b.at))
  }

  /** Kept first, shown then: what is on the screen is on the disk. */
  async add(deed: Deed) {
    await this.ways.keep([deed])
    this.#set([...this.all, deed])
  }

  async drop(id: string) {
    await this.ways.forget([id])
    this.#set(this.all.filter((deed) => deed.id !== id))
  }

  /** Sends what waits, in the order it was done. True when nothing waits. */
  flush(): Promise<boolean> {
    this.#running ??= this.#flush().finally(() => (this.#running = null))
    return this.#running
  }

  async #flush(): Promise<boolean> {
    this.stopped = null
    for (;;) {
      const batch = this.waiting.slice(0, BATCH)
      if (batch.length === 0) return true
      let answers: Map<string, DeedAnswer>
      try {
        answers = await this.ways.send(batch.map(lineOf))
      } catch (error) {
        this.stopped = this.ways.failureOf(error)
        return false
      }
      const told = batch.filter((deed) => answers.has(deed.id)).map((deed) => answered(deed, answers.get(deed.id)!))
      if (told.length === 0) return false
      await this.ways.keep(told)
      const by = new Map(told.map((deed) => [deed.id, deed]))
      this.#set(this.all.map((deed) => by.get(deed.id) ?? deed))
      await this.#forgetOld()
    }
  }

  /** What the server has is not needed here; what it said of a few is worth reading. */
  async #forgetOld() {
    const read = this.all.filter((deed) => deed.state === 'kept' && deed.out?.counted)
    const old = read.slice(0, Math.max(0, read.length - SHOWN)).map((deed) => deed.id)
    if (old.length === 0) return
    await this.ways.forget(old)
    this.#set(this.all.filter((deed) => !old.includes(deed.id)))
  }

  #set(all: Deed[]) {
    this.all = all
    this.onchange(all)
  }
}

export function lineOf({ id, task, did, at, proof, photo, reason }: Deed): DeedLine {
  return { id, task, did, at, ...(proof ? { proof } : {}), ...(photo ? { photo } : {}), ...(reason ? { reason } : {}) }
}

function answered(deed: Deed, answer: DeedAnswer): Deed {
  if ('out' in answer) return { ...deed, state: 'kept', out: answer.out, said: null }
  const { code, say_zh, say_en } = answer.error
  return { ...deed, state: 'refused', said: { code, zh: say_zh, en: say_en } }
}

const COMES_TO: Record<Did, TaskState> = { acknowledge: 'acknowledged', start: 'started', finish: 'done', give_up: 'cannot' }
const RANK: TaskState[] = ['open', 'acknowledged', 'started', 'done', 'cannot', 'cancelled']

/** A task as it stands once everything that waits here has arrived. */
export function asDone(task: TaskRow, deeds: Deed[]): TaskRow {
  let state = task.state
  for (const deed of deeds) {
    if (deed.task !== task.id || deed.state === 'refused') continue
    const to = COMES_TO[deed.did]
    if (RANK.indexOf(state) < 3 && RANK.indexOf(to) > RANK.indexOf(state)) state = to
  }
  return state === task.state ? task : { ...task, state }
}
