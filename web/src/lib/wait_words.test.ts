import { expect, test } from 'vitest'
import { waitWords } from './wait_words'

test('a long wait is told in minutes, never shorter than it is', () => {
  expect([1, 89.2, 90, 91, 840, 3_541].map(waitWords)).toEqual(['1 秒', '90 秒', '90 秒', '2 分钟', '14 分钟', '60 分钟'])
})
