// Answers on their way to the server. Each is kept on this device when its field is left, before anything is sent, and goes
// when the server has it: a lost connection, a closed tab or a flat battery loses no word. Sent again after a lost answer it
// is done once, because its id was made here.
//
// Deliberately absent: what happens when two people wrote the same answer. The server knows, and says so.

import type { Failure } from '../../lib/api'
import type { Shelf } from '../../lib/shelf'
import type { Answered } from '../../lib/trace'
import { sameValue } from './form'

export interface Said {
  /** Of the change. */
  id: string
  account: string
  interview: string
  question: string
  value: unknown
  /** The version of the answer that its writer saw; 0 is none. */
  based_on: number
  /** It was sent at least once: it may have arrived. */
  sent: boolean
  refused: { code: string; zh: string; en: string } | null
}

export interface Ways {
  shelf: Shelf<Said>
  send: (said: Said) => Promise<Answered>
  failureOf: (error: unknown) => Failure
  makeId: () => string
}

export class Outgoing {
  list: Said[] = []
  onchange: (list: Said[]) => void = () => {}
  /** The server has it. */
  onkept: (said: Said, answer: Answered) => void = () => {}
  #sending = false

  constructor(private readonly ways: Ways) {}

  async load() {
    try {
      const kept = await this.ways.shelf.all()
      this.#set([...kept, ...this.list.filter((one) => !kept.some((other) => other.id === one.id))])
    } catch {
      // This browser keeps nothing; what waits lives as long as the page.
    }
  }

  of(interview: string, question: string): Said | null {
    return this.list.findLast((one) => one.interview === interview && one.question === question) ?? null
  }

  /** The words of one question as they are now. What waited for the same question and was never sent gives way to them. */
  async say(account: string, interview: string, question: string, value: unknown, based_on: number) {
    const before = this.of(interview, question)
    if (before && !before.refused && sameValue(before.value, value)) return
    const gives = before && (!before.sent || before.refused) ? before : null
    const said: Said = {
      id: this.ways.makeId(),
      account,
      interview,
      question,
      value,
      based_on: gives ? gives.based_on : based_on,
      sent: false,
      refused: null,
    }
    this.#set([...this.list.filter((one) => one !== gives), said])
    await this.#keep(said)
    if (gives) await this.#forget(gives.id)
  }

  /** Back to what the server has. */
  async drop(id: string) {
    this.#set(this.list.filter((one) => one.id !== id))
    await this.#forget(id)
  }

  /** Sends what waits of this account in the order it was written, until the connection fails. True when nothing waits. */
  async flush(account: string): Promise<boolean> {
    if (this.#sending) return false
    this.#sending = true
    try {
      for (let next = this.#next(account); next; next = this.#next(account)) if (!(await this.#send(next))) return false
      return true
    } finally {
      this.#sending = false
    }
  }

  #next(account: string): Said | undefined {
    return this.list.find((one) => one.account === account && !one.refused)
  }

  async #send(said: Said): Promise<boolean> {
    const going = { ...said, sent: true }
    this.#replace(said.id, going)
    await this.#keep(going)
    try {
      const answer = await this.ways.send(going)
      // What was written meanwhile to the same question continues from this version, not from the one before.
      for (const later of this.list)
        if (later.id !== said.id && later.interview === said.interview && later.question === said.question && !later.sent) {
          const after = { ...later, based_on: Math.max(later.based_on, answer.seq) }
          this.#replace(later.id, after)
          await this.#keep(after)
        }
      this.onkept(going, answer)
      await this.drop(said.id)
      return true
    } catch (error) {
      const failure = this.ways.failureOf(error)
      if (failure.passing || failure.status === 401) return false
      const { code, zh, en } = failure
      const refused = { ...going, refused: { code, zh, en } }
      this.#replace(said.id, refused)
      await this.#keep(refused)
      return true
    }
  }

  #replace(id: string, said: Said) {
    this.#set(this.list.map((one) => (one.id === id ? said : one)))
  }

  #set(list: Said[]) {
    this.list = list
    this.onchange(list)
  }

  async #keep(said: Said) {
    try {
      await this.ways.shelf.put(said)
    } catch {
      // Kept by the page alone.
    }
  }

  async #forget(id: string) {
    try {
      await this.ways.shelf.remove(id)
    } catch {
      // Nothing was kept.
    }
  }
}
