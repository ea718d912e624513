// The form of a stay or a ride: what it starts from, and what of it is sent.

import type { Day } from '../../lib/day'
import type { PlaceRow, Ride, Visit } from '../../lib/trace'
import { readPoint } from '../../lib/point'
import { nextSpan } from './itinerary'

export interface VisitForm {
  what: 'stay' | 'ride'
  place: string | null
  place_name: string
  place_kind: string
  territory: string
  point: string
  /** The point of the place chosen, '' when it has none. */
  placePoint: string
  datum: string
  metres: string
  from: string
  to: string
  from_doubt: string
  to_doubt: string
  source: string
  mask: string
  indoors: string
  ventilation: string
  company: string
  note: string
  ride_kind: string
  number: string
  ride_day: string
  carriage: string
  seat_row: string
  seat: string
  board: string
  leave: string
}

/** What the next entry most likely is: it starts where the last ended, told by the same source. */
export function newVisit(what: 'stay' | 'ride', visits: Visit[], first: Day | null, today: Day, territory: string): VisitForm {
  const last = visits.at(-1)
  const { from, to } = nextSpan(visits, first, today)
  return {
    what,
    place: null,
    place_name: '',
    place_kind: '',
    territory: last?.territory ?? territory,
    point: '',
    placePoint: '',
    datum: 'wgs84',
    metres: '',
    from,
    to,
    from_doubt: '0',
    to_doubt: '0',
    source: last?.source ?? 'self',
    mask: 'unknown',
    indoors: what === 'ride' ? 'yes' : '',
    ventilation: 'unknown',
    company: '',
    note: '',
    ride_kind: 'train',
    number: '',
    ride_day: from.slice(0, 10),
    carriage: '',
    seat_row: '',
    seat: '',
    board: '',
    leave: '',
  }
}

export function formOf(visit: Visit): VisitForm {
  const { ride } = visit
  const point = visit.lon !== null && visit.lat !== null ? `${visit.lon}, ${visit.lat}` : ''
  return {
    what: visit.what,
    place: visit.place,
    place_name: visit.place_name,
    place_kind: visit.place_kind ?? '',
    territory: visit.territory ?? '',
    point,
    placePoint: visit.own_point ? '' : point,
    // Read back converted, so what is sent again is no longer in the datum it was told in.
    datum: 'wgs84',
    metres: visit.metres === null ? '' : String(visit.metres),
    from: visit.from.slice(0, 16),
    to: visit.to.slice(0, 16),
    from_doubt: String(visit.from_doubt_minutes),
    to_doubt: String(visit.to_doubt_minutes),
    source: visit.source,
    mask: visit.mask,
    indoors: visit.indoors === null ? '' : visit.indoors ? 'yes' : 'no',
    ventilation: visit.ventilation,
    company: visit.company ?? '',
    note: visit.note ?? '',
    ride_kind: ride?.kind ?? 'train',
    number: ride?.number ?? '',
    ride_day: ride?.day ?? visit.from.slice(0, 10),
    carriage: ride?.carriage === null || ride?.carriage === undefined ? '' : String(ride.carriage),
    seat_row: ride?.row === null || ride?.row === undefined ? '' : String(ride.row),
    seat: ride?.seat ?? '',
    board: ride?.board ?? '',
    leave: ride?.leave ?? '',
  }
}

/** A place chosen from those known brings what is known of it along. */
export function atPlace(form: VisitForm, place: PlaceRow): VisitForm {
  const placePoint = place.lon !== null && place.lat !== null ? `${place.lon}, ${place.lat}` : ''
  return {
    ...form,
    place: place.id,
    place_name: place.name,
    place_kind: place.kind,
    territory: place.territory,
    point: placePoint || form.point,
    placePoint,
    datum: 'wgs84',
    indoors: place.indoors === null ? form.indoors : place.indoors ? 'yes' : 'no',
  }
}

/** Another place than the one chosen before: the point of that one stays with it. */
export function leavePlace(form: VisitForm, name: string): VisitForm {
  const point = form.point === form.placePoint ? '' : form.point
  return { ...form, place: null, place_name: name, point, placePoint: '' }
}

/** What was typed into the form of a visit and not sent yet, and which state of the visit it began from. */
export interface VisitDraft {
  at: string | null
  form: VisitForm
}

/** The form to go on with: the draft, unless the visit was amended meanwhile. */
export function goesOn(draft: VisitDraft | null, visit: Visit | null, fresh: VisitForm): VisitForm {
  return draft && draft.at === (visit?.at ?? null) ? draft.form : fresh
}

const orNull = (text: string) => text.trim() || null
const numberOr = <T>(text: string, other: T) => (String(text).trim() === '' ? other : Number(text))

/** What was told, as the server takes it. A point that came with a known place is the place's own and is not told again. */
export function toldOf(form: VisitForm): Record<string, unknown> {
  const point = readPoint(form.point)
  const stay = form.what === 'stay'
  const own = stay && point !== null && point !== 'unreadable' && form.point !== form.placePoint ? point : null
  const ride: Ride | null = stay
    ? null
    : {
        kind: form.ride_kind as Ride['kind'],
        number: form.number.trim(),
        day: form.ride_day,
        carriage: numberOr(form.carriage, null),
        row: numberOr(form.seat_row, null),
        seat: orNull(form.seat),
        board: form.board.trim(),
        leave: form.leave.trim(),
      }
  return {
    place: stay ? form.place : null,
    place_name: stay ? orNull(form.place_name) : null,
    lon: own?.lon ?? null,
    lat: own?.lat ?? null,
    datum: own ? form.datum : null,
    metres: own ? numberOr(form.metres, null) : null,
    from: form.from,
    to: form.to,
    from_doubt_minutes: numberOr(form.from_doubt, 0),
    to_doubt_minutes: numberOr(form.to_doubt, 0),
    source: form.source,
    mask: form.mask,
    indoors: form.indoors === '' ? null : form.indoors === 'yes',
    ventilation: form.ventilation,
    company: orNull(form.company),
    ride,
    note: orNull(form.note),
  }
}
