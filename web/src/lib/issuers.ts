// Whose codes a checkpoint believes: the house this page came from, by the keys it told when there was a network.

import type { Issuer, Jwk } from './result_card'

export interface KeptIssuer extends Issuer {
  /** When these keys were fetched, in milliseconds. */
  at: number
}

const KEY = 'quell.public.issuers'
type Store = Pick<Storage, 'getItem' | 'setItem'>

export function keptIssuers(store: Store): KeptIssuer[] {
  try {
    const list: unknown = JSON.parse(store.getItem(KEY) ?? '[]')
    return Array.isArray(list) ? list.filter((one): one is KeptIssuer => typeof one?.at === 'number' && told(one) !== null) : []
  } catch {
    return []
  }
}

export function keepIssuers(store: Store, list: KeptIssuer[]): boolean {
  try {
    store.setItem(KEY, JSON.stringify(list))
    return true
  } catch {
    return false
  }
}

/** The house's own keys as it tells them; null when it has no address to sign with. */
export async function fetchIssuer(now: number): Promise<KeptIssuer | null> {
  const answer = await fetch('/.well-known/jwks.json', { credentials: 'omit', cache: 'no-cache' })
  if (!answer.ok) throw new Error(`keys: ${answer.status}`)
  const issuer = told(await answer.json())
  return issuer && { ...issuer, at: now }
}

function told(value: unknown): Issuer | null {
  const { issuer, keys } = (value ?? {}) as Partial<Issuer>
  if (typeof issuer !== 'string' || !Array.isArray(keys)) return null
  const whole = keys.filter((key): key is Jwk => ['kty', 'crv', 'x', 'y', 'kid'].every((name) => typeof key?.[name as keyof Jwk] === 'string'))
  return { issuer, keys: whole }
}
