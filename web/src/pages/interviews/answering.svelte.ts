// The answers of this page's reader on their way: sent as soon as they are said, and again when the connection is back.

import { change, failureOf } from '../../lib/api'
import { makeId } from '../../lib/id'
import { live } from '../../lib/live.svelte'
import { session } from '../../lib/session.svelte'
import { shelf } from '../../lib/shelf'
import type { Answered } from '../../lib/trace'
import { Outgoing, type Said } from './said'

/** How often what waits is tried again while the page is open. */
const AGAIN_MS = 15_000

export class Answering {
  list = $state.raw<Said[]>([])
  /** What the server took, until the page has read it back: by interview and question. */
  kept = $state.raw<Record<string, { seq: number; value: unknown }>>({})
  /** The last attempt did not reach the server. */
  cut = $state(false)
  #outgoing = new Outgoing({
    shelf: shelf<Said>('said'),
    send: ({ id, interview, question, value, based_on }) =>
      change<Answered>('answer-question', { id, interview, question, value, based_on }),
    failureOf,
    makeId: () => makeId('change'),
  })

  /** Call while a component is being set up. */
  constructor() {
    this.#outgoing.onchange = (list) => (this.list = list)
    this.#outgoing.onkept = (said, { seq, merged, conflict }) => {
      // What two people wrote is read back from the server; one's own words stand as they were said.
      if (!merged && !conflict) this.kept = { ...this.kept, [`${said.interview}.${said.question}`]: { seq, value: said.value } }
    }
    $effect(() => {
      void this.#outgoing.load().then(() => this.send())
      const now = () => void this.send()
      addEventListener('online', now)
      const again = setInterval(() => this.list.length && now(), AGAIN_MS)
      return () => {
        removeEventListener('online', now)
        clearInterval(again)
      }
    })
  }

  of(interview: string, question: string): Said | null {
    return this.list.findLast((said) => said.interview === interview && said.question === question) ?? null
  }

  async say(interview: string, question: string, value: unknown, based_on: number) {
    await this.#outgoing.say(session.account?.id ?? '', interview, question, value, based_on)
    await this.send()
  }

  async drop(said: Said) {
    await this.#outgoing.drop(said.id)
  }

  async send() {
    const mine = session.account?.id
    if (!mine) return
    const waited = this.list.length
    const all = await this.#outgoing.flush(mine)
    this.cut = !all && this.list.some((said) => said.account === mine && !said.refused)
    if (waited > this.list.length) live.refresh()
  }
}
