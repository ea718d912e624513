import { expect, test } from 'vitest'
import type { PlaceRow, Visit } from '../../lib/trace'
import { atPlace, formOf, goesOn, leavePlace, newVisit, toldOf } from './visit'

const SEEN: Visit = {
  id: 'visit_1', interview: 'interview_1', subject: 'subject_1', what: 'stay', place: 'premises_1', place_name: 'market', place_kind: 'market',
  territory: '14/1407/140703', lon: 112.55, lat: 37.42, own_point: true, datum: 'gcj02', metres: 30, from: '2022-02-20T18:30', to: '2022-02-20T19:10',
  from_doubt_minutes: 10, to_doubt_minutes: 0, source: 'record', mask: 'no', indoors: true, ventilation: 'poor', company: 'two colleagues', ride: null, note: null,
  at: '2022-02-22T01:00:00Z',
}

test('the next entry starts where the last ended, told by the same source', () => {
  const form = newVisit('stay', [SEEN], '2022-02-17', '2022-02-22', '14')
  expect([form.from, form.to, form.source, form.territory]).toEqual(['2022-02-20T19:10', '2022-02-20T20:10', 'record', '14/1407/140703'])
})

test('an unchanged stay is told as it was, its point no longer in the datum it was told in', () => {
  const { id, interview, subject, what, place_kind, territory, own_point, at, ...rest } = SEEN
  expect(toldOf(formOf(SEEN))).toEqual({ ...rest, datum: 'wgs84' })
})

test('a ride carries its seat and no point', () => {
  const form = { ...newVisit('ride', [], '2022-02-17', '2022-02-22', '14'), number: ' D2003 ', carriage: '4', seat_row: '12', seat: 'C', board: 'Taiyuan', leave: 'Taigu', point: '112.5, 37.4' }
  const body = toldOf(form)
  expect(body.ride).toEqual({ kind: 'train', number: 'D2003', day: '2022-02-17', carriage: 4, row: 12, seat: 'C', board: 'Taiyuan', leave: 'Taigu' })
  expect([body.lon, body.place, body.indoors]).toEqual([null, null, true])
})

test('a known place brings along what is known of it', () => {
  const place: PlaceRow = { id: 'premises_9', name: 'Invented mall', kind: 'market', territory: '14/1407/140702', lon: 112.7, lat: 37.7, indoors: false }
  const form = atPlace(newVisit('stay', [], null, '2022-02-22', '14'), place)
  const told = toldOf(form)
  expect([told.place, told.indoors, form.territory]).toEqual(['premises_9', false, '14/1407/140702'])
  // The place has its own point; told again it could only contradict it.
  expect([told.lon, told.datum]).toEqual([null, null])
  expect([toldOf({ ...form, point: '112.71, 37.7', datum: 'gcj02' })].map((other) => [other.lon, other.datum])).toEqual([[112.71, 'gcj02']])
})

test('the point of a registered place stays the place’s when a stay there is amended', () => {
  const form = formOf({ ...SEEN, own_point: false })
  expect(form.point).toBe('112.55, 37.42')
  expect([toldOf(form).lon, toldOf(form).datum, toldOf(form).metres]).toEqual([null, null, null])
  expect(toldOf({ ...form, point: '112.56, 37.42' }).lon).toBe(112.56)
  // Nor does it go along to another place.
  expect(leavePlace(form, 'mall')).toMatchObject({ place: null, place_name: 'mall', point: '', placePoint: '' })
  expect(leavePlace(formOf(SEEN), 'mall').point).toBe('112.55, 37.42')
})

test('a draft goes on where it was left, unless the visit was amended meanwhile', () => {
  const fresh = formOf(SEEN)
  const form = { ...fresh, company: 'three colleagues' }
  expect(goesOn({ at: SEEN.at, form }, SEEN, fresh)).toBe(form)
  expect(goesOn({ at: SEEN.at, form }, { ...SEEN, at: '2022-02-22T02:00:00Z' }, fresh)).toBe(fresh)
  expect(goesOn({ at: null, form }, null, fresh)).toBe(form)
  expect(goesOn(null, SEEN, fresh)).toBe(fresh)
})
