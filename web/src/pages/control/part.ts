// Which place of a zone a name written by hand lies in.

import type { Area, Unit } from '../../lib/control'

/** Places that are in the zone as a whole: townships and counties. A name does not say which of several it lies in. */
export const wholes = (area: Area) => area.units.filter((unit) => !unit.part?.length)

const partsOf = (line: string) => line.split(/\s*[·>]\s*/)

/** The place of the zone that the name itself begins with. */
function begins(area: Area, line: string): Unit | undefined {
  const part = partsOf(line)
  // Blanks are no difference between two names, here as on the server.
  const bare = (name: string | undefined) => name?.replace(/\s/g, '')
  return area.units.find((unit) => unit.part?.length && unit.part.every((name, at) => bare(name) === bare(part[at])))
}

/** Whether somebody must say in which township it lies. */
export const isUnsure = (area: Area, line: string) => wholes(area).length > 1 && !begins(area, line)

/** `within`: what somebody said where there are several. */
export function partOf(area: Area, line: string, within?: Unit): Unit {
  const part = partsOf(line)
  const around = begins(area, line) ?? within ?? wholes(area)[0] ?? area.units[0]!
  return { territory: around.territory, part, kind: part.length > 1 ? 'building' : around.part?.length ? around.kind : 'compound' }
}
