// The names of the events the top bar offers, for pages that show one by its id.

import type { EventRow } from './contract'

let held = $state.raw<EventRow[]>([])

export function keepEvents(rows: EventRow[]) {
  held = rows
}

export function eventName(id: string | null | undefined): string {
  return held.find((event) => event.id === id)?.name ?? id ?? ''
}
