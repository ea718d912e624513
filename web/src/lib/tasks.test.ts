import { expect, test } from 'vitest'
import { sourcePage } from './tasks'

test('a task leads to the record that wants it done, and of a roster to the one worker', () => {
  expect(sourcePage('entry:worker_0001/2')).toEqual(['/rosters', { worker: 'worker_0001', territory: null }])
  expect(sourcePage('trace:handover_0001/list')).toEqual(['/contact-lists/handover_0001'])
  expect(sourcePage('entry:somebody_0001/2')).toBe(null)
  expect(sourcePage(null)).toBe(null)
})
