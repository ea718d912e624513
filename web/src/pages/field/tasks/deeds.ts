// Deeds on their way to the server (see lib/outgoing), and a task as it stands once they have arrived.

import type { Failure } from '../../../lib/api'
import { Outgoing } from '../../../lib/outgoing'
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

export class Deeds extends Outgoing<Deed> {
  constructor(ways: Ways) {
    super({ ...ways, send: (deeds) => ways.send(deeds.map(lineOf)) })
  }
}

export function lineOf({ id, task, did, at, proof, photo, reason }: Deed): DeedLine {
  return { id, task, did, at, ...(proof ? { proof } : {}), ...(photo ? { photo } : {}), ...(reason ? { reason } : {}) }
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
