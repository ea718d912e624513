import { expect, test } from 'vitest'
import { Failure } from '../../lib/api'
import type { Shelf } from '../../lib/shelf'
import { UNUSUAL, Waiting, type New, type Report, type Ways } from './waiting'

function memory(): Shelf<Report> & { held: Map<string, Report> } {
  const held = new Map<string, Report>()
  return {
    held,
    all: async () => [...held.values()],
    put: async (report) => void held.set(report.id, report),
    replace: async (report) => held.has(report.id) && held.set(report.id, report) === held,
    remove: async (id) => void held.delete(id),
  }
}

const lost = () => new Failure(0, 'network.no_answer', '没有回应', 'no answer')
const refused = (code: string, field: string | null = null) => new Failure(422, code, '拒绝', 'refused', field)

function queue(send: Ways['send'], shelf = memory()) {
  let n = 0
  const sent: Report[] = []
  const waiting = new Waiting({
    shelf,
    send: (report) => {
      sent.push(report)
      return send(report)
    },
    failureOf: (error) => error as Failure,
    makeId: () => `change_${++n}`,
    clock: () => n,
  })
  return { waiting, sent, shelf }
}

const report = (day: string, value: number, account = 'zhao'): New => ({
  account,
  account_name: account,
  site: 'site_1',
  site_name: 'Clinic',
  day,
  numbers: { fever_visits: { value } },
  confirmed: [],
})

const keep: Ways['send'] = async ({ numbers }) => ({
  kept: Object.entries(numbers).map(([indicator, { value }]) => ({ indicator, value, of: null, mark: 'on_time' as const })),
})

test('a busy server is left alone for as long as it asks, and nothing typed is lost', async () => {
  let n = 0
  const { waiting, sent } = queue(async (one) => {
    if (n++ === 0) throw new Failure(503, 'service.busy', '忙', 'busy', null, 30_000, 7)
    return keep(one)
  })
  await waiting.add(report('2022-02-19', 4))
  expect(await waiting.flush('zhao')).toBe(false)
  expect(waiting.waitUntil).toBeGreaterThanOrEqual(30_000)
  expect(await waiting.flush('zhao'), 'not before').toBe(false)
  expect(sent).toHaveLength(1)
  expect(waiting.reports[0]).toMatchObject({ state: 'waiting', unanswered: 0 })
  waiting.waitUntil = 0
  expect(await waiting.flush('zhao')).toBe(true)
  expect(waiting.reports[0]).toMatchObject({ state: 'kept' })
})

test('without a connection reports wait in order, and go in that order when it is back', async () => {
  let down = true
  const { waiting, sent } = queue(async (one) => {
    if (down) throw lost()
    return keep(one)
  })
  await waiting.add(report('2022-02-19', 4))
  await waiting.add(report('2022-02-20', 0))
  expect(await waiting.flush('zhao')).toBe(false)
  expect(sent).toHaveLength(1)
  expect(waiting.reports.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
  down = false
  expect(await waiting.flush('zhao')).toBe(true)
  expect(waiting.reports.map(({ day, state }) => [day, state])).toEqual([
    ['2022-02-19', 'kept'],
    ['2022-02-20', 'kept'],
  ])
  // The one whose answer was lost went again under the same id.
  expect(sent.map(({ id }) => id)).toEqual(['change_1', 'change_1', 'change_2'])
})

test('what waits is there after the page was closed', async () => {
  const { waiting, shelf } = queue(keep)
  await waiting.add(report('2022-02-20', 7))
  const { waiting: later } = queue(keep, shelf)
  await later.load()
  expect(later.reports.map(({ id, numbers }) => [id, numbers])).toEqual([['change_1', { fever_visits: { value: 7 } }]])
})

test('nobody sends the numbers of somebody else', async () => {
  const { waiting, sent } = queue(keep)
  await waiting.add(report('2022-02-20', 7, 'zhao'))
  await waiting.flush('li')
  expect(sent).toEqual([])
  expect(waiting.reports[0]!.state).toBe('waiting')
})

test('a refusal is told and does not hold up the next report', async () => {
  const { waiting } = queue(async (one) => {
    if (one.day === '2022-02-19') throw refused('surveillance.closed')
    return keep(one)
  })
  await waiting.add(report('2022-02-19', 4))
  await waiting.add(report('2022-02-20', 5))
  await waiting.flush('zhao')
  expect(waiting.reports.map(({ state, said }) => [state, said?.code ?? null])).toEqual([
    ['refused', 'surveillance.closed'],
    ['kept', null],
  ])
})

test('an unusual number is asked about, and goes as another change once it is confirmed', async () => {
  const { waiting, sent } = queue(async (one) => {
    if (!one.confirmed.includes('fever_visits')) throw refused(UNUSUAL, 'numbers.fever_visits')
    return keep(one)
  })
  const asked = await waiting.add(report('2022-02-20', 240))
  await waiting.flush('zhao')
  expect(waiting.reports[0]!.state).toBe('asks')
  await waiting.confirm(asked.id)
  await waiting.flush('zhao')
  expect(waiting.reports.map(({ state }) => state)).toEqual(['kept'])
  expect(sent.map(({ id, confirmed }) => [id, confirmed])).toEqual([
    ['change_1', []],
    ['change_2', ['fever_visits']],
  ])
})

test('a report nobody can have received is replaced by its correction', async () => {
  const { waiting, sent } = queue(keep)
  const first = await waiting.add(report('2022-02-20', 42))
  await waiting.edit(first.id, { fever_visits: { value: 24 } }, [])
  await waiting.flush('zhao')
  expect(sent.map(({ numbers }) => numbers.fever_visits!.value)).toEqual([24])
})

test('a report that may have arrived stays, and its correction follows it', async () => {
  let down = true
  const { waiting, sent } = queue(async (one) => {
    if (down) throw lost()
    return keep(one)
  })
  const first = await waiting.add(report('2022-02-20', 42))
  await waiting.flush('zhao')
  await waiting.edit(first.id, { fever_visits: { value: 24 } }, [])
  down = false
  await waiting.flush('zhao')
  expect(sent.map(({ id, numbers }) => [id, numbers.fever_visits!.value])).toEqual([
    ['change_1', 42],
    ['change_1', 42],
    ['change_2', 24],
  ])
})

test('a lost answer, then a question: once confirmed one report is left', async () => {
  const answers = [lost(), refused(UNUSUAL, 'numbers.fever_visits')]
  const { waiting, sent } = queue(async (one) => {
    const next = answers.shift()
    if (next) throw next
    return keep(one)
  })
  const first = await waiting.add(report('2022-02-20', 240))
  await waiting.flush('zhao')
  await waiting.flush('zhao')
  await waiting.confirm(first.id)
  await waiting.flush('zhao')
  expect(waiting.reports.map(({ state, confirmed }) => [state, confirmed])).toEqual([['kept', ['fever_visits']]])
  expect(sent).toHaveLength(3)
})

test('a session that ended leaves everything waiting', async () => {
  const { waiting } = queue(async () => {
    throw new Failure(401, 'access.signed_out', '已退出', 'signed out')
  })
  await waiting.add(report('2022-02-20', 5))
  expect(await waiting.flush('zhao')).toBe(false)
  expect(waiting.reports[0]).toMatchObject({ state: 'waiting', unanswered: 0 })
})

test('two calls at once send nothing twice', async () => {
  const { waiting, sent } = queue(keep)
  await waiting.add(report('2022-02-20', 5))
  await Promise.all([waiting.flush('zhao'), waiting.flush('zhao')])
  expect(sent).toHaveLength(1)
})
