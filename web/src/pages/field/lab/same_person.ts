// Noticing that somebody in front of the desk was sampled today already, on this phone.

import { base64url, type Document } from '../../../lib/person_code'
import type { Entry, Person, Tube } from './tube'

/** What makes two registrations the same person. Null: nothing does (a person without any document and without a code). */
function identity({ way, document, number, name, sheet, holder }: Pick<Person, 'way' | 'document' | 'number' | 'name' | 'sheet' | 'holder'>): string | null {
  const text = (value: string) => value.normalize('NFKC').replace(/\s/g, '').toLowerCase()
  // One guardian may bring several children.
  if (document === 'guardian' && number) return `guardian/${text(number)}/${text(name)}`
  if (number && document !== 'none') return `${document satisfies Document}/${text(number)}`
  if (way === 'paper' && sheet) return `sheet/${text(sheet)}`
  return holder ? `holder/${holder}` : null
}

/** So that a number need not be kept to be recognised. '' matches nobody. */
export async function markOf(person: Parameters<typeof identity>[0]): Promise<string> {
  const told = identity(person)
  if (told === null) return ''
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(told))
  return base64url(new Uint8Array(digest).slice(0, 16))
}

/** Midnight to midnight on the wall of whoever holds this phone. */
function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}

/** The tube in which somebody is already, today. */
export function sampledToday(entries: Entry[], mark: string, at: number): { tube: Tube; at: number } | null {
  if (mark === '') return null
  for (const entry of entries) {
    if (entry.what !== 'tube') continue
    const found = entry.marks.find((one) => one.mark === mark && sameDay(one.at, at))
    if (found) return { tube: entry, at: found.at }
  }
  return null
}
