import { afterEach, expect, test, vi } from 'vitest'
import { change, Failure, get, onStepUp, queryText } from './api'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
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
