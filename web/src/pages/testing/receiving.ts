// A box on the bench: its code, its tubes as they are scanned, those that are not fit to be tested. The box's own code once
// more says that it is empty.

import { readScan } from './scan'

/** In the order of the keys 1 to 6. */
export const REASONS = ['leaked', 'unreadable', 'too_little', 'too_late', 'too_warm', 'other'] as const
export type Reason = (typeof REASONS)[number]

export interface Receiving {
  /** Null: nothing was scanned yet; '' are loose tubes. */
  box: string | null
  /** The last scanned first. */
  tubes: { tube: string; rejected: Reason | null }[]
}

export type Tone = 'good' | 'doubt' | 'bad'

/** What the bench says after a scan: a key of the words, and what they speak of. */
export interface Said {
  tone: Tone
  what: string
  text: string
  reason?: Reason
}

export const nothing = (): Receiving => ({ box: null, tubes: [] })

/** So many go in one sending: the server takes no more. */
export const MOST = 2000

/** `send`: the box was scanned again, everything of it is there. */
export function scanned(state: Receiving, typed: string): { state: Receiving; said: Said; send: boolean } {
  const stay = (said: Said) => ({ state, said, send: false })
  const scan = readScan(typed)
  if ('fault' in scan) return stay({ tone: 'bad', what: `scan_${scan.fault}`, text: scan.text })
  if ('key' in scan) return pressed(state, scan.key)
  const { barcode } = scan
  if (state.box === null) {
    return { state: { ...state, box: barcode }, said: { tone: 'good', what: 'box_open', text: barcode }, send: false }
  }
  if (barcode === state.box) {
    if (state.tubes.length === 0) return stay({ tone: 'doubt', what: 'box_without_tubes', text: barcode })
    return { state, said: { tone: 'good', what: 'box_done', text: barcode }, send: true }
  }
  if (state.tubes.some((one) => one.tube === barcode)) return stay({ tone: 'doubt', what: 'scanned_before', text: barcode })
  if (state.tubes.length >= MOST) return stay({ tone: 'bad', what: 'too_many', text: barcode })
  const tubes = [{ tube: barcode, rejected: null }, ...state.tubes]
  return { state: { ...state, tubes }, said: { tone: 'good', what: 'tube_taken', text: barcode }, send: false }
}

/** 1 to 6: the last tube is rejected for that reason; 0: it is fit after all; a minus: it was never scanned. */
function pressed(state: Receiving, key: string): { state: Receiving; said: Said; send: boolean } {
  const stay = (said: Said) => ({ state, said, send: false })
  const last = state.tubes[0]
  const reason = REASONS[Number(key) - 1] ?? null
  if (!/^[0-6-]$/.test(key)) return stay({ tone: 'bad', what: 'no_such_key', text: key })
  if (!last) return stay({ tone: 'doubt', what: 'no_tube_yet', text: key })
  if (key === '-') return { state: without(state, last.tube), said: { tone: 'doubt', what: 'tube_dropped', text: last.tube }, send: false }
  const said: Said = reason ? { tone: 'bad', what: 'tube_rejected', text: last.tube, reason } : { tone: 'good', what: 'tube_fit', text: last.tube }
  return { state: judged(state, last.tube, reason), said, send: false }
}

export const judged = (state: Receiving, tube: string, rejected: Reason | null): Receiving => ({
  ...state,
  tubes: state.tubes.map((one) => (one.tube === tube ? { tube, rejected } : one)),
})

export const without = (state: Receiving, tube: string): Receiving => ({ ...state, tubes: state.tubes.filter((one) => one.tube !== tube) })

/** As `receive-tubes` takes it. */
export function sentBody(state: Receiving) {
  const inOrder = [...state.tubes].reverse()
  return {
    box: state.box || null,
    tubes: inOrder.filter((one) => !one.rejected).map((one) => one.tube),
    rejected: inOrder.filter((one) => one.rejected).map((one) => ({ tube: one.tube, reason: one.rejected! })),
  }
}
