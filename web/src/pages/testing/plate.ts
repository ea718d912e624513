// A plate as it is filled: which tube or control stands in which well, where the next one goes, and every step before.
// One tube stands in one well and one well holds one tube; the server says the same and more.

import { readScan } from './scan'

export type Format = '96' | '384'
export const FORMATS: Format[] = ['96', '384']

const SHAPE: Record<Format, { rows: number; columns: number }> = { '96': { rows: 8, columns: 12 }, '384': { rows: 16, columns: 24 } }

export const shapeOf = (format: Format) => SHAPE[format]
export const wellName = (row: number, column: number) => `${String.fromCharCode(65 + row)}${column + 1}`

/** Down the columns, as a pipette of eight fills them. */
export function fillingOrder(format: Format): string[] {
  const { rows, columns } = SHAPE[format]
  return Array.from({ length: rows * columns }, (_, at) => wellName(at % rows, Math.floor(at / rows)))
}

export interface Content {
  tube?: string
  control?: string
}

export interface Plate {
  format: Format
  wells: Record<string, Content>
  /** Where the next scan goes. */
  cursor: string
}

export const emptyPlate = (format: Format): Plate => ({ format, wells: {}, cursor: 'A1' })

/** The next free well after `from`, from the top again past the last; null when the plate is full. */
export function nextFree(plate: Plate, from: string): string | null {
  const order = fillingOrder(plate.format)
  const at = order.indexOf(from)
  const turned = [...order.slice(at + 1), ...order.slice(0, at + 1)]
  return turned.find((well) => !plate.wells[well]) ?? null
}

function put(plate: Plate, content: Content): Plate {
  const filled = { ...plate, wells: { ...plate.wells, [plate.cursor]: content } }
  return { ...filled, cursor: nextFree(filled, plate.cursor) ?? plate.cursor }
}

export interface Step {
  plate: Plate
  said: { tone: 'good' | 'doubt' | 'bad'; what: string; text: string; well: string }
}

/** A barcode goes into the well at hand; the first letter of a control puts that control there. */
export function scannedInto(plate: Plate, typed: string, controls: string[]): Step {
  const scan = readScan(typed)
  const well = plate.cursor
  const stay = (tone: 'doubt' | 'bad', what: string, text: string, at = well): Step => ({ plate, said: { tone, what, text, well: at } })
  if ('fault' in scan) return stay('bad', `scan_${scan.fault}`, scan.text)
  const control = 'key' in scan ? controls.find((kind) => kind[0]?.toUpperCase() === scan.key) : undefined
  if ('key' in scan && !control) return stay('bad', 'no_such_key', scan.key)
  if (plate.wells[well]) return stay('bad', 'well_taken', well)
  if (control) return { plate: put(plate, { control }), said: { tone: 'good', what: 'control_put', text: control, well } }
  const tube = (scan as { barcode: string }).barcode
  const stands = wellOf(plate, tube)
  if (stands) return stay('bad', 'tube_twice', tube, stands)
  return { plate: put(plate, { tube }), said: { tone: 'good', what: 'tube_put', text: tube, well } }
}

export const wellOf = (plate: Plate, tube: string): string | null =>
  Object.entries(plate.wells).find(([, content]) => content.tube === tube)?.[0] ?? null

export function cleared(plate: Plate, well: string): Plate {
  const { [well]: _, ...wells } = plate.wells
  return { ...plate, wells, cursor: well }
}

/** The controls that are still missing into the last free wells, where they disturb no order. */
export function withControls(plate: Plate, needed: string[]): Plate {
  const missing = missingControls(plate, needed)
  const free = fillingOrder(plate.format).filter((well) => !plate.wells[well])
  const places = free.slice(-missing.length || free.length)
  const wells = { ...plate.wells }
  for (const [at, kind] of missing.entries()) if (places[at]) wells[places[at]] = { control: kind }
  const next: Plate = { ...plate, wells }
  return { ...next, cursor: next.wells[plate.cursor] ? (nextFree(next, plate.cursor) ?? plate.cursor) : plate.cursor }
}

export const missingControls = (plate: Plate, needed: string[]) =>
  needed.filter((kind) => !Object.values(plate.wells).some((content) => content.control === kind))

/** One well on in a direction; at an edge it stays. */
export function moved(format: Format, well: string, key: string): string {
  const { rows, columns } = SHAPE[format]
  const [row, column] = [well.charCodeAt(0) - 65, Number(well.slice(1)) - 1]
  const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -columns], End: [0, columns] }
  const [down, right] = steps[key] ?? [0, 0]
  const within = (at: number, many: number) => Math.max(0, Math.min(many - 1, at))
  return wellName(within(row + down, rows), within(column + right, columns))
}

/** What keeps it from being saved; what only the server knows of its tubes is not among them. */
export function faultsOf(plate: Plate, needed: string[]): { what: string; text: string }[] {
  const faults = missingControls(plate, needed).map((kind) => ({ what: 'no_control', text: kind }))
  return tubesOf(plate).length ? faults : [{ what: 'no_tube', text: '' }, ...faults]
}

export const tubesOf = (plate: Plate): { well: string; tube: string }[] =>
  fillingOrder(plate.format).flatMap((well) => (plate.wells[well]?.tube ? [{ well, tube: plate.wells[well]!.tube! }] : []))

/** As `fill-plate` takes it. */
export const filledWells = (plate: Plate) =>
  fillingOrder(plate.format).flatMap((well) => (plate.wells[well] ? [{ well, ...plate.wells[well] }] : []))
