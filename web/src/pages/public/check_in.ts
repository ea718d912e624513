// Links of people who tell how they are: a telephone may hold those of a whole family. Each has the name that was typed for it here,
// which leaves this telephone never.

import { secretOf } from './mine'

export interface OwnLink {
  secret: string
  name: string
}

const LINKS = 'quell.public.check_in.links'
/** The one link that was kept when a telephone kept one. */
const ONE = 'quell.public.check_in.secret'
/** More than a family has; the oldest makes room. */
const MOST = 20

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function keptLinks(store: Store | null): OwnLink[] {
  try {
    const kept = JSON.parse(store?.getItem(LINKS) ?? '[]') as OwnLink[]
    const links = Array.isArray(kept) ? kept.filter((one) => typeof one?.secret === 'string' && typeof one.name === 'string') : []
    const one = store?.getItem(ONE)
    return one && !links.some((link) => link.secret === one) ? [{ secret: one, name: '' }, ...links] : links
  } catch {
    return []
  }
}

function keep(store: Store | null, links: OwnLink[]): OwnLink[] {
  try {
    store?.setItem(LINKS, JSON.stringify(links))
    store?.removeItem(ONE)
  } catch {
    // A browser that keeps nothing shows what it was given now.
  }
  return links
}

/** What is kept, with the link of the address beside it; and that link, or the only one there is. */
export function linksWith(hash: string, store: Store | null): { links: OwnLink[]; chosen: string } {
  const links = keptLinks(store)
  const given = secretOf(hash, null)
  if (!given) return { links, chosen: links.length === 1 ? links[0]!.secret : '' }
  if (links.some((link) => link.secret === given)) return { links, chosen: given }
  return { links: keep(store, [...links, { secret: given, name: '' }].slice(-MOST)), chosen: given }
}

export function named(store: Store | null, links: OwnLink[], secret: string, name: string): OwnLink[] {
  return keep(store, links.map((link) => (link.secret === secret ? { secret, name: name.trim().slice(0, 40) } : link)))
}

export function without(store: Store | null, links: OwnLink[], secret: string): OwnLink[] {
  return keep(store, links.filter((link) => link.secret !== secret))
}
