// What is said about a signal in words, apart from how it is drawn.

import { daysBetween } from '../../lib/day'
import type { Cadence, Grade, GradeRule, SignalState, SignalView } from '../../lib/surveillance'

/** The gravest first. */
export const GRADES: Grade[] = ['red', 'orange', 'yellow', 'blue']

export const OPEN: SignalState[] = ['raised', 'verified', 'field']

export const isOpen = (state: SignalState) => OPEN.includes(state)

/** What is to be done next to an open signal; a closed one asks nothing. */
export function nextStep(state: SignalState): 'verify' | 'field' | 'close' | null {
  if (state === 'raised') return 'verify'
  if (state === 'verified') return 'field'
  return state === 'field' ? 'close' : null
}

export interface Left {
  /** Past its time. */
  over: boolean
  unit: 'minutes' | 'hours' | 'days'
  n: number
}

/** Beyond this a clock that counts hours says nothing: the server's day and the wall's are apart. */
const MEANINGLESS_DAYS = 90

/** How long until `due`, in the largest unit of which there are at least two; null when it cannot be told. */
export function left(due: string, now: number): Left | null {
  const at = new Date(due).getTime()
  if (Number.isNaN(at) || Number.isNaN(now)) return null
  const minutes = Math.round(Math.abs(at - now) / 60_000)
  if (minutes > MEANINGLESS_DAYS * 24 * 60) return null
  const over = at < now
  if (minutes < 120) return { over, unit: 'minutes', n: minutes }
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return { over, unit: 'hours', n: hours }
  return { over, unit: 'days', n: Math.floor(hours / 24) }
}

/** Days that so many steps cover, for "in the last 7 days". */
export const daysOf = (steps: number, cadence: Cadence) => (cadence === 'week' ? 7 * steps : steps)

export interface Deadline {
  step: 'verify' | 'field' | 'close'
  due: string
  done: string | null
  by: string | null
  /** null while it is neither done nor due. */
  inTime: boolean | null
}

const REACHED: Record<Deadline['step'], SignalState[]> = {
  verify: ['verified', 'field', 'closed', 'merged'],
  field: ['field'],
  close: ['closed', 'merged'],
}

/** The deadlines of a grade, counted from when the signal was raised, and what became of them. A signal closed without
 * anybody in the field has no step of the field any more. */
export function deadlines(signal: SignalView, rule: GradeRule, now: number): Deadline[] {
  const raised = new Date(signal.raised).getTime()
  const hours = { verify: rule.verify_hours, field: rule.field_hours, close: rule.close_days * 24 }
  const ended = !isOpen(signal.state)
  const steps = (['verify', 'field', 'close'] as const).map((step) => {
    const done = signal.answers.find((answer) => answer.day === null && REACHED[step].includes(answer.state)) ?? null
    // A higher grade starts the clock of the next step anew: the server says until when.
    const told = !done && step === nextStep(signal.state) ? signal.due : null
    const due = new Date(told ?? raised + hours[step] * 3_600_000)
    const inTime = done ? new Date(done.at) <= due : now > due.getTime() ? false : null
    return { step, due: due.toISOString(), done: done?.at ?? null, by: done?.by ?? null, inTime }
  })
  return steps.filter(({ step, done }) => !(ended && step === 'field' && !done))
}

/** The days a picture of a signal shows: enough before it to see what is usual. */
export function around(first: string, last: string): number {
  const span = daysBetween(first, last) ?? 0
  return Math.max(60, span * 3)
}

/** Chance would show as much once in so many days, or years when that is easier to grasp. */
export function onceIn(days: number): { unit: 'days' | 'years' | 'never'; n: number } {
  // No model of chance is good for longer than that.
  if (days > 36_500) return { unit: 'never', n: 100 }
  return days >= 730 ? { unit: 'years', n: Math.round(days / 365) } : { unit: 'days', n: Math.max(1, Math.round(days)) }
}

/** p as people read it: `0.0004`, and no more than six places. */
export function chance(p: number | null): string {
  if (p === null) return '–'
  if (p < 0.000001) return '< 0.000001'
  if (p >= 0.1) return p.toFixed(2)
  return p.toPrecision(2).includes('e') ? p.toFixed(7).replace(/0+$/, '') : String(Number(p.toPrecision(2)))
}
