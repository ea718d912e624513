// Links that a model infers, laid beside those that people recorded.

import type { Chains } from '../../lib/contract'
import type { Inferred } from '../../lib/trace'

export const LEAST = [0.1, 0.25, 0.5, 0.75]

/** The recorded links, and the inferred ones at least so probable between cases that no recorded link joins. */
export function withInferred(chains: Chains, inferred: Extract<Inferred, { ready: true }>, least: number): Chains {
  const joined = new Set(chains.links.flatMap((link) => [`${link.from} ${link.to}`, `${link.to} ${link.from}`]))
  const known = new Set(chains.nodes.map((node) => node.id))
  const drawn = inferred.links.filter(
    (link) => link.p >= least && known.has(link.from) && known.has(link.to) && !joined.has(`${link.from} ${link.to}`),
  )
  const links = drawn.map(({ from, to, p }) => ({ id: `inferred ${from} ${to}`, from, to, evidence: 'inferred', relation: null, p }))
  return { ...chains, links: [...chains.links, ...links] }
}

/** How strong a line of this probability is drawn: three steps, because more are not told apart. */
export function strength(p: number | undefined): number {
  if (p === undefined) return 1
  return p >= 0.75 ? 0.95 : p >= 0.5 ? 0.7 : 0.45
}
