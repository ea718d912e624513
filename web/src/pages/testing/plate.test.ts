import { expect, test } from 'vitest'
import { cleared, emptyPlate, faultsOf, filledWells, fillingOrder, moved, scannedInto, withControls, type Plate } from './plate'

const NEEDED = ['positive', 'negative', 'extraction']

function filled(...typed: string[]): Plate {
  return typed.reduce((plate, text) => scannedInto(plate, text, NEEDED).plate, emptyPlate('96'))
}

test('wells are filled down the columns', () => {
  expect(fillingOrder('96').slice(0, 9)).toEqual(['A1', 'B1', 'C1', 'D1', 'E1', 'F1', 'G1', 'H1', 'A2'])
  expect(fillingOrder('384')).toHaveLength(384)
  expect(fillingOrder('384').at(-1)).toBe('P24')
})

test('a scan goes into the next well, a letter puts a control', () => {
  const plate = filled('TUBE0001', 'p', 'TUBE0002')
  expect(plate.wells).toEqual({ A1: { tube: 'TUBE0001' }, B1: { control: 'positive' }, C1: { tube: 'TUBE0002' } })
  expect(plate.cursor).toBe('D1')
})

test('no tube stands twice, and no well holds two', () => {
  const twice = scannedInto(filled('TUBE0001', 'TUBE0002'), 'TUBE0001', NEEDED)
  expect(twice.said).toMatchObject({ tone: 'bad', what: 'tube_twice', well: 'A1' })
  const taken = scannedInto({ ...filled('TUBE0001'), cursor: 'A1' }, 'TUBE0003', NEEDED)
  expect(taken.said.what).toBe('well_taken')
  expect(taken.plate.wells).toEqual({ A1: { tube: 'TUBE0001' } })
  expect(scannedInto(emptyPlate('96'), 'x', NEEDED).said.what).toBe('no_such_key')
})

test('a well set free is filled next, then the first free one after it', () => {
  const gap = cleared(filled('TUBE0001', 'TUBE0002', 'TUBE0003'), 'B1')
  const mended = scannedInto(gap, 'TUBE0004', NEEDED).plate
  expect(mended.wells.B1).toEqual({ tube: 'TUBE0004' })
  expect(mended.cursor).toBe('D1')
})

test('missing controls go into the last free wells and are then missing no more', () => {
  const plate = withControls(filled('TUBE0001', 'n'), NEEDED)
  expect(plate.wells).toMatchObject({ G12: { control: 'positive' }, H12: { control: 'extraction' } })
  expect(faultsOf(plate, NEEDED)).toEqual([])
  expect(withControls(plate, NEEDED)).toEqual(plate)
})

test('a full plate takes nothing more', () => {
  const full = filled(...Array.from({ length: 96 }, (_, at) => `TUBE${1000 + at}`))
  expect(scannedInto(full, 'TUBE9999', NEEDED).said.what).toBe('well_taken')
  expect(faultsOf(withControls(full, NEEDED), NEEDED)).toHaveLength(3)
})

test('arrows move by a well and stop at the edge', () => {
  expect(moved('96', 'A1', 'ArrowDown')).toBe('B1')
  expect(moved('96', 'A1', 'ArrowLeft')).toBe('A1')
  expect(moved('96', 'H12', 'ArrowRight')).toBe('H12')
  expect(moved('96', 'C5', 'End')).toBe('C12')
})

test('what is sent names every well that holds something', () => {
  expect(filledWells(filled('TUBE0001', 'p'))).toEqual([{ well: 'A1', tube: 'TUBE0001' }, { well: 'B1', control: 'positive' }])
  expect(faultsOf(emptyPlate('96'), ['positive']).map((one) => one.what)).toEqual(['no_tube', 'no_control'])
})
