import { afterEach, expect, test, vi } from 'vitest'
import { busy } from './busy.svelte'
import { change, Failure, get, onStepUp, queryText, session } from './api'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a busy server is asked again no sooner than it said, in sight of whoever waits', async () => {
  vi.useFakeTimers()
  const asked: number[] = []
  const started = Date.now()
  vi.stubGlobal('fetch', async () => {
    asked.push(Date.now() - started)
    const said = { code: 'service.busy', zh: '系统繁忙', en: 'busy', field: null, before: 12 }
    if (asked.length < 3) return new Response(JSON.stringify(said), { status: 503, headers: { 'retry-after': '20' } })
    return answer(200, { rows: [] })
  })
  const rows = get('/api/cases')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(busy.longest).toMatchObject({ before: 12 })
  expect(busy.longest!.until - started).toBeGreaterThanOrEqual(20_000)
  await vi.runAllTimersAsync()
  expect(await rows).toEqual({ rows: [] })
  expect(asked).toHaveLength(3)
  expect(asked[1]! >= 20_000 && asked[1]! <= 24_000, String(asked)).toBe(true)
  expect(asked[2]! - asked[1]!).toBeGreaterThanOrEqual(20_000)
  expect(busy.longest).toBeNull()
})

test('a wait of minutes is told and not sat through', async () => {
  let calls = 0
  vi.stubGlobal('fetch', async () => {
    calls += 1
    return new Response(JSON.stringify({ code: 'service.busy', zh: '忙', en: 'busy', before: 900 }), { status: 503, headers: { 'retry-after': '240' } })
  })
  const told = await get('/api/cases').catch((error: Failure) => error)
  expect(told).toMatchObject({ status: 503, waitMs: 240_000, before: 900 })
  expect(calls).toBe(1)
})

test('the field asks who is here and goes on at once with what it knows', async () => {
  let calls = 0
  vi.stubGlobal('fetch', async () => {
    calls += 1
    return new Response(JSON.stringify({ code: 'service.busy', zh: '忙', en: 'busy', before: 3 }), { status: 503, headers: { 'retry-after': '5' } })
  })
  expect(await session.state(true).catch((error: Failure) => error)).toMatchObject({ status: 503, passing: true })
  expect(calls).toBe(1)
})

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

test('a change whose answer was lost is sent again as the same change', async () => {
  vi.useFakeTimers()
  const sent: string[] = []
  vi.stubGlobal('fetch', async (_path: string, { body }: { body: string }) => {
    sent.push(JSON.parse(body).id)
    if (sent.length === 1) throw new TypeError('network')
    return answer(200, { out: { done: true } })
  })
  const done = change('add-note', { note: 'note_1' })
  await vi.runAllTimersAsync()
  expect(await done).toEqual({ done: true })
  expect(sent).toHaveLength(2)
  expect(sent[0]).toBe(sent[1])
  expect(sent[0]).toMatch(/^change_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
})

test('a refusal is not repeated and keeps its words and its field', async () => {
  let calls = 0
  vi.stubGlobal('fetch', async () => {
    calls += 1
    const said = { code: 'cases.illegal_step', zh: '不能这样改', en: 'not a step', field: 'to' }
    return answer(422, said)
  })
  const refusal = await get('/api/cases').catch((error: Failure) => error)
  expect(refusal).toMatchObject({ status: 422, code: 'cases.illegal_step', field: 'to', en: 'not a step' })
  expect(calls).toBe(1)
})

test('an empty filter is left out of the address and a path keeps its slashes', () => {
  expect(queryText({ event: '', territory: '14/1407', q: 'TG 1&2', limit: 100 })).toBe(
    '?territory=14/1407&q=TG%201%262&limit=100',
  )
})

test('a request that needs a fresh proof is sent again as it was once the person has shown it', async () => {
  const sent: string[] = []
  vi.stubGlobal('fetch', async (_path: string, { body }: { body: string }) => {
    sent.push(body)
    const wanted = { code: 'access.step_up', zh: '请验证', en: 'show it', field: null }
    return sent.length === 1 ? answer(403, wanted) : answer(200, { out: 'done' })
  })
  let asked = 0
  onStepUp(async () => ++asked > 0)
  expect(await change('set-account', { disabled: true })).toBe('done')
  expect(asked).toBe(1)
  expect(sent[1]).toBe(sent[0])
})

test('who would rather not show it is told what was refused', async () => {
  const wanted = { code: 'access.step_up', zh: '请验证', en: 'show it', field: null }
  vi.stubGlobal('fetch', async () => answer(403, wanted))
  onStepUp(async () => false)
  const refusal = await change('set-account', {}).catch((error: Failure) => error)
  expect(refusal).toMatchObject({ status: 403, code: 'access.step_up' })
})
