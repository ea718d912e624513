// An itinerary and exposures as files; the column names are those of the interface, the same in both languages.

import { csv } from '../../lib/csv'
import type { ExposureRow, Visit } from '../../lib/trace'

export function visitsCsv(visits: Visit[]): string {
  const head = ['what', 'place', 'place_name', 'from', 'to', 'from_doubt_minutes', 'to_doubt_minutes', 'territory', 'lon', 'lat', 'metres', 'source', 'mask', 'indoors', 'ventilation', 'ride', 'carriage', 'row', 'seat', 'board', 'leave']
  return csv(
    head,
    visits.map((one) => [
      one.what, one.place, one.place_name, one.from, one.to, one.from_doubt_minutes, one.to_doubt_minutes, one.territory, one.lon, one.lat,
      one.metres, one.source, one.mask, one.indoors, one.ventilation, one.ride?.number, one.ride?.carriage, one.ride?.row, one.ride?.seat,
      one.ride?.board, one.ride?.leave,
    ]),
  )
}

export function exposuresCsv(rows: ExposureRow[]): string {
  const head = ['case_no', 'contact_no', 'kind', 'place_name', 'from', 'to', 'minutes', 'metres', 'indoors', 'protected', 'day_of_illness', 'found_by', 'class', 'rule', 'protocol', 'evidence']
  return csv(
    head,
    rows.map((one) => [
      one.case_no, one.contact_no, one.kind, one.place_name, one.from, one.to, one.minutes, one.metres, one.indoors, one.protected,
      one.day_of_illness, one.found_by, one.class, one.rule, one.protocol, one.evidence,
    ]),
  )
}
