import { expect, test } from 'vitest'
import { benchFault } from './on_bench'

const here = { laboratory: 'laboratory_1', received: 1, rejected: null, reported: null, run: null }

test('only a tube that lies here, fit and free, goes onto a plate', () => {
  expect(benchFault(here, 'laboratory_1')).toBeNull()
  expect(benchFault(here, 'laboratory_2')).toBe('elsewhere')
  expect(benchFault({ ...here, received: null }, 'laboratory_1')).toBe('elsewhere')
  expect(benchFault({ ...here, rejected: 'leaked' }, 'laboratory_1')).toBe('rejected')
  expect(benchFault({ ...here, run: 'run_1' }, 'laboratory_1')).toBe('plated')
  expect(benchFault({ ...here, run: 'run_1', reported: 2 }, 'laboratory_1')).toBe('reported')
})
