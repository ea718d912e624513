// One worker's round of follow-up on this phone.

import { followup, sendVisits, type NotSeen, type Round as Heard, type RoundRow } from '../../../lib/followup'
import { makeId } from '../../../lib/id'
import { house } from '../../../lib/visit_shelf'
import { KeptDay } from '../kept_day.svelte'
import { asSeen, lineOf, type Visit } from './visits'

export class Round extends KeptDay<{ round: Heard }, Visit> {
  /** This phone's clock, as it was looked at last: at midnight everybody is to be seen anew. */
  looked = $state(Date.now())
  /** In the order of the way, as the server gave it. */
  readonly way = $derived(
    (this.day?.round.rows ?? []).map((row) => asSeen(row, this.all, this.day!.round, this.looked + this.day!.offset)),
  )

  constructor(account: string) {
    super(account, house, (visits) => sendVisits(visits.map(lineOf)))
  }

  /** Who is to be seen now. */
  ask() {
    return this.hears(async () => {
      const round = await followup.day({ worker: 'me' })
      return { now: round.now, heard: { round } }
    })
  }

  async tell(row: RoundRow, saw: { celsius: number | null; signs: string[] } | { not_seen: NotSeen }) {
    await this.add({
      what: 'visit', id: makeId('change'), account: this.account, check: makeId('check'), course: row.id, at: Math.round(this.now()), case: makeId('case'),
      no: row.no, where: [row.route, row.home].filter(Boolean).join(' '), state: 'waiting', said: null, out: null, ...saw,
    })
  }
}
