import { afterEach, expect, test, vi } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { failureOf } from './api'
import { answersIn, registerTubes, type TubeLine } from './lab'

const line = (n: number): TubeLine => ({
  ...{ id: `change_${n}`, tube: `T${n}`, post: 'post_1', kind: 'people', size: 10, sampled: 1, closed: 2, device: 'device_1' },
  members: [{ position: 1, at: 1, way: 'number', name: '王小明', document: 'id_card', number: '140726199001010000', phone: '', born: null, sheet: null, holder: null }],
})

afterEach(() => vi.unstubAllGlobals())

test('lines go packed, one change each, and the answers are found by their ids', async () => {
  let seen: { url: string; init: RequestInit } | null = null
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    seen = { url, init }
    return new Response('{"id":"change_2","error":{"code":"lab.no","say_en":"No.","say_zh":"不。"}}\n{"id":"change_1","out":{"tube":"T1","people":1,"conflicts":[]}}\n')
  })
  const answers = await registerTubes([line(1), line(2)])
  expect(answers.get('change_1')).toMatchObject({ out: { people: 1 } })
  expect(answers.get('change_2')).toMatchObject({ error: { code: 'lab.no' } })
  const { url, init } = seen!
  expect(url).toBe('/api/lab/tubes')
  expect(init.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' })
  const text = gunzipSync(Buffer.from(await (init.body as Blob).arrayBuffer())).toString('utf8')
  expect(text.endsWith('\n')).toBe(true)
  expect(text.trim().split('\n').map((one) => JSON.parse(one))).toEqual([line(1), line(2)])
})

test('where nothing can be packed, or nobody unpacks it, the lines go as they are', async () => {
  const seen: RequestInit[] = []
  const packed = (init: RequestInit) => 'content-encoding' in (init.headers as Record<string, string>)
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    seen.push(init)
    return packed(init) ? new Response('{"code":"request.encoded","zh":"已压缩。","en":"Packed."}', { status: 415 }) : new Response('')
  })
  expect((await registerTubes([line(1)])).size).toBe(0)
  await registerTubes([line(2)])
  expect(seen.map(packed)).toEqual([true, false, false])
  expect(JSON.parse(seen[1]!.body as string)).toEqual(line(1))
  vi.resetModules()
  vi.stubGlobal('CompressionStream', undefined)
  seen.length = 0
  await (await import('./lab')).registerTubes([line(3)])
  expect(seen.map(packed)).toEqual([false])
})

test('an answer cut off answers for the lines that came', () => {
  const whole = '{"id":"change_1","out":{"tube":"T1","people":1,"conflicts":[]}}\n'
  expect([...answersIn(`${whole}{"id":"change_2","ou`).keys()]).toEqual(['change_1'])
})

test('how long the server wants to be left alone comes with its refusal', async () => {
  const busy = () => new Response('{"code":"door.busy","zh":"忙","en":"Busy."}', { status: 503, headers: { 'retry-after': '7' } })
  vi.stubGlobal('fetch', async () => busy())
  const failure = await registerTubes([line(1)]).catch(failureOf)
  expect(failure).toMatchObject({ status: 503, waitMs: 7000, passing: true })
})
