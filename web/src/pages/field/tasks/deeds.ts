// Deeds on their way to the server (see lib/outgoing), and a task as it stands once they have arrived.

import type { Going } from '../../../lib/outgoing'
import type { DeedLine, DeedOut, Did, TaskRow, TaskState } from '../../../lib/tasks'

export interface Deed extends Going, DeedLine {
  what: 'deed'
  account: string
  kind: string
  where: string
  out: DeedOut | null
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
