// Cases of the picture by their number, or by their handle as another page shows it.

import type { Placed } from './layout'

/** Places in the layout: the very number first, then numbers that begin so, then those that hold it; by day within each. */
export function findCases(placed: Placed[], typed: string, most = 200): number[] {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return []
  const [same, begins, holds]: number[][] = [[], [], []]
  for (let index = 0; index < placed.length; index++) {
    const { no, id } = placed[index]!.node
    const number = no.toLowerCase()
    if (number === wanted || id === wanted) same!.push(index)
    else if (number.startsWith(wanted)) begins!.push(index)
    else if (number.includes(wanted)) holds!.push(index)
  }
  return [...same!, ...begins!, ...holds!].slice(0, most)
}
