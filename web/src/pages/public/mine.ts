// What restricts whoever holds the secret of a notice: asked for with the secret alone, kept with its time for when there is no network.

type Both = { zh: string | null; en: string | null }

/** Times in milliseconds. */
export interface MyAppeal {
  made: number
  due: number
  decided: number | null
  won: boolean | null
  words: string | null
  answer: string | null
  decider: string | null
  escalated: number | null
}

export interface MyRestriction {
  id: string
  state: 'upcoming' | 'in_force' | 'suspended' | 'over'
  end: string | null
  ended: number | null
  kind: { id: string } & Both
  says: Both
  why: Both
  article: Both
  since: number | null
  until: number
  decided_by: string[]
  may_appeal: boolean
  appeals: MyAppeal[]
}

export interface Mine {
  at: number
  restrictions: MyRestriction[]
  clocks: { appeal_hours: number; undecided: string }
}

const SECRET = 'quell.public.me.secret'
const KEPT = 'quell.public.me'
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The secret of the address, once; it goes out of the address, where others would see it, and stays on this phone. */
export function secretOf(hash: string, store: Store | null, [secret, answer] = [SECRET, KEPT]): string {
  const given = decodeURIComponent(hash.replace(/^#/, '')).trim()
  try {
    if (given) {
      if (store?.getItem(secret!) !== given) store?.removeItem(answer!)
      store?.setItem(secret!, given)
      return given
    }
    return store?.getItem(secret!) ?? ''
  } catch {
    return given
  }
}

export function keptMine(store: Store | null): Mine | null {
  try {
    const kept = JSON.parse(store?.getItem(KEPT) ?? 'null') as Mine | null
    return typeof kept?.at === 'number' && Array.isArray(kept.restrictions) ? kept : null
  } catch {
    return null
  }
}

export function keepMine(store: Store | null, mine: Mine) {
  try {
    store?.setItem(KEPT, JSON.stringify(mine))
  } catch {
    // A browser that keeps nothing shows what it was told now.
  }
}

export function forgetMine(store: Store | null) {
  store?.removeItem(SECRET)
  store?.removeItem(KEPT)
}

/** Said no, in both languages; or the network did not answer. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly words: Both | null,
  ) {
    super(String(status))
  }
}

/** Without cookies: whoever is signed in here is nobody to this question. */
export async function askUnnamed<T>(path: string, body: Record<string, unknown>): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(path, { method: 'POST', credentials: 'omit', headers, body: JSON.stringify(body) })
  if (answer.ok) return (await answer.json()) as T
  const words = await answer.json().catch(() => null)
  throw new Refused(answer.status, words)
}

export const askMine = (secret: string) => askUnnamed<Mine>('/api/public/me', { secret })

export const appeal = (body: { id: string; secret: string; restriction: string; appeal: string; words: string }) =>
  askUnnamed<Mine>('/api/public/me/appeal', body)

/** Until when, in words: hours and minutes that are left of a clock. */
export function left(due: number, now: number): { hours: number; minutes: number } | null {
  if (due <= now) return null
  const minutes = Math.floor((due - now) / 60_000)
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 }
}
