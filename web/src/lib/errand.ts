// The way to an organisation's sign-in provider and back. The page forgets itself on the way, so this tab
// keeps why it went and where its reader was.

import { ways } from './api'

export type Why = 'sign_in' | 'link' | 'prove'

interface Errand {
  why: Why
  from: string
}

const KEY = 'quell.errand'

export async function leaveFor(provider: string, why: Why) {
  const { address } = await ways.go(provider, why)
  sessionStorage.setItem(KEY, JSON.stringify({ why, from: location.pathname + location.search }))
  location.assign(address)
}

/** Once: what this tab went for, or null when it did not go. */
export function cameBack(): Errand | null {
  const kept = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  try {
    return kept ? (JSON.parse(kept) as Errand) : null
  } catch {
    return null
  }
}
