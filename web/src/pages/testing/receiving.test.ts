import { expect, test } from 'vitest'
import { MOST, nothing, scanned, sentBody, type Receiving } from './receiving'

function after(...typed: string[]) {
  let state: Receiving = nothing()
  let last = scanned(state, '')
  for (const text of typed) {
    last = scanned(state, text)
    state = last.state
  }
  return last
}

test('the box, its tubes, and the box again', () => {
  const done = after('BOX-01', 'TUBE0001', 'TUBE0002', 'BOX-01')
  expect(done.send).toBe(true)
  expect(sentBody(done.state)).toEqual({ box: 'BOX-01', tubes: ['TUBE0001', 'TUBE0002'], rejected: [] })
})

test('an empty box is asked about, not sent', () => {
  expect(after('BOX-01', 'BOX-01')).toMatchObject({ send: false, said: { tone: 'doubt', what: 'box_without_tubes' } })
})

test('a key rejects the tube before it, and takes that back', () => {
  const rejected = after('BOX-01', 'TUBE0001', 'TUBE0002', '1')
  expect(rejected.said).toEqual({ tone: 'bad', what: 'tube_rejected', text: 'TUBE0002', reason: 'leaked' })
  expect(sentBody(rejected.state)).toEqual({ box: 'BOX-01', tubes: ['TUBE0001'], rejected: [{ tube: 'TUBE0002', reason: 'leaked' }] })
  expect(sentBody(after('BOX-01', 'TUBE0001', '6', '0').state).rejected).toEqual([])
  expect(after('BOX-01', 'TUBE0001', '-').state.tubes).toEqual([])
})

test('a tube scanned twice is one tube, and a key before any tube does nothing', () => {
  expect(after('BOX-01', 'TUBE0001', 'tube0001')).toMatchObject({ said: { tone: 'doubt', what: 'scanned_before' } })
  expect(after('BOX-01', 'TUBE0001', 'tube0001').state.tubes).toHaveLength(1)
  expect(after('BOX-01', '1').said.what).toBe('no_tube_yet')
  expect(after('BOX-01', 'TUBE0001', '9').said.what).toBe('no_such_key')
})

test('no more than the server takes at once', () => {
  const full: Receiving = { box: 'BOX-01', tubes: Array.from({ length: MOST }, (_, at) => ({ tube: `T${1000 + at}`, rejected: null })) }
  expect(scanned(full, 'TUBE9999').said.what).toBe('too_many')
})

test('loose tubes have no box', () => {
  const loose = scanned({ box: '', tubes: [] }, 'TUBE0001')
  expect(sentBody(loose.state).box).toBeNull()
})
