import { expect, test } from 'vitest'
import { readPoint } from './point'

test('points: longitude first, and nobody was at 0, 0', () => {
  expect(readPoint('112.55, 37.42')).toEqual({ lon: 112.55, lat: 37.42 })
  expect(readPoint('112.55°，37.42°')).toEqual({ lon: 112.55, lat: 37.42 })
  expect(readPoint('')).toBeNull()
  for (const bad of ['0, 0', '37.42, 112.55', '112.55', 'market']) expect(readPoint(bad), bad).toBe('unreadable')
})
