// One worker's tasks on this phone.

import { makeId } from '../../../lib/id'
import { isActive, sendDeeds, spotText, tasks, wayOrder, type Did, type Mine, type Proof, type TaskRow, type TasksPack } from '../../../lib/tasks'
import { house } from '../../../lib/task_shelf'
import { KeptDay } from '../kept_day.svelte'
import { asDone, lineOf, type Deed } from './deeds'

export class Errands extends KeptDay<{ mine: Mine; pack: TasksPack }, Deed> {
  /** In the order somebody walks. */
  readonly way = $derived(
    (this.day?.mine.rows ?? [])
      .map((task) => asDone(task, this.all))
      .filter((task) => isActive(task.state))
      .sort((a, b) => wayOrder(a.spot, b.spot) || a.deadline - b.deadline || (a.id < b.id ? -1 : 1)),
  )

  constructor(account: string) {
    super(account, house, (deeds) => sendDeeds(deeds.map(lineOf)))
  }

  kind(id: string) {
    return this.day?.pack.kinds.find((kind) => kind.id === id) ?? null
  }

  /** What is to be done now. */
  ask() {
    return this.hears(async () => {
      const [mine, pack] = await Promise.all([tasks.mine(), tasks.pack()])
      return { now: mine.now, heard: { mine, pack } }
    })
  }

  async tell(task: TaskRow, did: Did, more: { proof?: Proof; photo?: string; reason?: string } = {}) {
    await this.add({
      what: 'deed', id: makeId('change'), account: this.account, task: task.id, did, at: Math.round(this.now()), kind: task.kind,
      where: spotText(task.spot), state: 'waiting', said: null, out: null, ...more,
    })
  }
}
