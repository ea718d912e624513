import { expect, test } from 'vitest'
import type { FenceRow } from '../../lib/trace'
import { countdown, fenceState, tracksOf } from './fence'

const fence = (id: string, from: string, to: string, more: Partial<FenceRow> = {}): FenceRow => ({
  id, event: null, territory: '14', place: 'premises_1', place_name: 'Invented mall', from, to, gap_minutes: 30, text_zh: '', text_en: '', basis: '',
  published_at: '2022-02-21T00:00:00Z', withdrawn_at: null, ends: '2022-03-05', runs: [], opening: { ask: null, state: 'none', until: null }, ...more,
})

test('a fence lapses by itself the day after its last', () => {
  expect(fenceState(fence('a', '', '', { published_at: null }), '2022-02-22')).toBe('draft')
  expect(fenceState(fence('a', '', ''), '2022-03-05')).toBe('published')
  expect(fenceState(fence('a', '', ''), '2022-03-06')).toBe('lapsed')
  expect(fenceState(fence('a', '', '', { withdrawn_at: '2022-02-23T00:00:00Z' }), '2022-03-06')).toBe('withdrawn')
})

test('windows of one place lie on one line, with the air that stays', () => {
  const tracks = tracksOf([fence('a', '2022-02-20T18:30', '2022-02-20T19:10'), fence('b', '2022-02-21T23:40', '2022-02-21T23:50'), fence('c', '2022-02-19T08:00', '2022-02-19T09:00', { place: 'premises_2', place_name: 'Ward' })], '2022-02-22')!
  expect(tracks.tracks.map((track) => [track.name, track.bars.length])).toEqual([['Ward', 1], ['Invented mall', 2]])
  expect(tracks.days.map((day) => day.day)).toEqual(['2022-02-19', '2022-02-20', '2022-02-21', '2022-02-22', '2022-02-23'])
  expect(tracks.tracks[1]!.bars[0]!.air - tracks.tracks[1]!.bars[0]!.to).toBe(30)
  expect(tracksOf([], '2022-02-22')).toBeNull()
})

test('the time box runs out', () => {
  expect(countdown('2022-02-21T04:00:00Z', Date.parse('2022-02-21T00:00:53Z'))).toBe('3:59:07')
  expect(countdown('2022-02-21T04:00:00Z', Date.parse('2022-02-21T04:00:00Z'))).toBeNull()
})
