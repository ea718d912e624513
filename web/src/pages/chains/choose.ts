// Which cases and links of the answer are drawn.

import type { Chains } from '../../lib/contract'

export interface Choice {
  /** Up to this generation (0 has no known source); null for all. */
  generation: number | null
  /** Kinds of evidence that count; null for all. */
  evidence: string[] | null
  who: string
}

export function choose(chains: Chains, choice: Choice): Pick<Chains, 'nodes' | 'links'> {
  // Everything: nothing to leave out, and fifty thousand links not to be walked for it.
  if (choice.generation === null && choice.evidence === null && !choice.who) return chains
  const links = chains.links.filter((link) => choice.evidence === null || choice.evidence.includes(link.evidence))
  const infected = new Set(links.map((link) => link.to))
  const linked = new Set(infected)
  for (const link of links) linked.add(link.from)
  const nodes = chains.nodes.filter((node) => {
    if (choice.generation !== null && (node.generation ?? Infinity) > choice.generation) return false
    if (choice.who === 'linked') return linked.has(node.id)
    // An open end: nobody is known to have infected this case.
    if (choice.who === 'ends') return !infected.has(node.id)
    return true
  })
  const shown = new Set(nodes.map((node) => node.id))
  return { nodes, links: links.filter((link) => shown.has(link.from) && shown.has(link.to)) }
}
