// The answers of whoever is here on their way: sent as soon as they are said, and again when the connection is back, whatever
// page is open meanwhile.

import { change, failureOf, type Failure } from './api'
import { makeId } from './id'
import { live } from './live.svelte'
import { Outgoing, type Said } from './said'
import { onLeaving } from './session.svelte'
import { shelf } from './shelf'
import { toasts } from './toast.svelte'
import type { Answered } from './trace'
import { t } from './words.svelte'

/** How often what waits is tried again. */
const AGAIN_MS = 15_000

const outgoing = new Outgoing({
  shelf: shelf<Said>('said'),
  send: ({ id, interview, question, value, based_on }) =>
    change<Answered>('answer-question', { id, interview, question, value, based_on }),
  failureOf,
  makeId: () => makeId('change'),
})

let list = $state.raw<Said[]>([])
let kept = $state.raw<Record<string, { seq: number; value: unknown }>>({})
let stopped = $state.raw<Failure | null>(null)

outgoing.onchange = (next) => (list = next)
outgoing.onkept = (said, { seq, merged, conflict }) => {
  // What two people wrote is read back from the server; one's own words stand as they were said.
  if (!merged && !conflict) kept = { ...kept, [`${said.interview}.${said.question}`]: { seq, value: said.value } }
}
const waits = () => list.some((said) => !said.refused)
onLeaving(() => outgoing.forget())

export const answering = {
  get list(): Said[] {
    return list
  },
  /** What the server took, until the page has read it back: by interview and question. */
  get kept() {
    return kept
  },
  /** Why the last attempt did not send all. */
  get stopped(): Failure | null {
    return waits() ? stopped : null
  },
  of(interview: string, question: string): Said | null {
    return list.findLast((said) => said.interview === interview && said.question === question) ?? null
  },
  /** Sends what this account says from now on, and what it left here. The answer ends it. */
  follow(account: string): () => void {
    kept = {}
    void outgoing.enter(account).then((others) => {
      if (others) toasts.failed(t('interviews.others_deleted', { n: others }))
      return answering.send()
    })
    const now = () => void answering.send()
    addEventListener('online', now)
    const again = setInterval(() => waits() && now(), AGAIN_MS)
    return () => {
      removeEventListener('online', now)
      clearInterval(again)
      outgoing.leave()
    }
  },
  async say(interview: string, question: string, value: unknown, basedOn: number) {
    await outgoing.say(interview, question, value, basedOn)
    await answering.send()
  },
  /** A refused answer, sent once more. */
  async again(said: Said) {
    await outgoing.again(said.id)
    await answering.send()
  },
  async drop(said: Said) {
    await outgoing.drop(said.id)
  },
  async send() {
    const waited = list.length
    await outgoing.flush()
    stopped = outgoing.stopped
    if (waited > list.length) live.refresh()
  },
}
