// Frames per second while the picture of 5,000 cases is dragged about: the whole of it, and from close by; and the longest time
// the page stood still while somebody came closer, pointed, searched and filtered. A figure, not a test: run it by hand,
// `QUELL_BIN=target/release/quell node tests/browser/chain_frames.mjs 50000` (or another number of cases).
//
// The reference of the same run is the same page panning nothing: what this machine's browser gives when it only counts.

import { firstRun, makeId, openPage, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const CASES = Number(process.argv[2] ?? 5_000)
/** A page that answers nothing for longer than this has frozen. */
const FREEZE_MS = 200
/** Frames a second below which a moving picture is seen to jerk. */
const TARGET = 30
const SECONDS = 4

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Epidemiologist', password: 'a kettle sings at dawn' }

const why = missing()
if (why) {
  console.log(`chain page: not measured, ${why}`)
  process.exit(0)
}

/** Invented cases over 40 days. Each but the first ten is infected by one of the 200 before it, so that chains are long and
 * some people infect many. */
function list() {
  const rows = ['case_id,sex,age,onset,region_code,infected_by,classification']
  let seed = 2022
  // A linear congruential generator (Numerical Recipes, 1992, section 7.1): the same list every time.
  const below = (n) => Math.floor(((seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32) * n)
  for (let at = 0; at < CASES; at++) {
    const onset = new Date(Date.UTC(2022, 1, 20) + Math.floor((at * 40) / CASES) * 86_400_000)
    const infector = at < 10 ? '' : `F${at - 1 - below(Math.min(at, 200))}`
    rows.push(`F${at},${at % 2 ? 'F' : 'M'},${below(90)},${onset.toISOString().slice(0, 10)},140703,${infector},confirmed`)
  }
  return rows.join('\n')
}

async function importList(page, event) {
  return page.evaluate(
    async ([text, event]) => {
      const { csrf } = await (await fetch('/api/state')).json()
      const ask = async (path, options) => {
        const answer = await fetch(path, { headers: { 'x-quell-csrf': csrf }, ...options })
        const said = await answer.json()
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${said.en}`)
        return said
      }
      const { id } = await ask(`/api/imports?name=frames.csv&event=${event}`, { method: 'POST', body: text })
      await ask(`/api/imports/${id}/apply`, { method: 'POST' })
      for (;;) {
        const job = await ask(`/api/imports/${id}`)
        if (job.state === 'done') return job.report
        if (job.state === 'failed') throw new Error(`the import failed: ${JSON.stringify(job)}`)
        await new Promise((again) => setTimeout(again, 100))
      }
    },
    [list(), event],
  )
}

/** Drags by real pointer events, one a frame, to and fro. With `still`, only counts frames. */
async function frames(page, still) {
  const box = await page.locator('canvas').first().boundingBox()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  const drawn = () => page.evaluate(() => document.querySelector('canvas').toDataURL())
  const before = await drawn()
  if (!still) await page.mouse.down()
  const measured = await page.evaluate(
    ([x, y, seconds, still]) =>
      new Promise((done) => {
        const canvas = document.querySelector('canvas')
        const gaps = []
        let first, last
        const frame = (now) => {
          first ??= now
          if (last !== undefined) gaps.push(now - last)
          last = now
          if (now - first > seconds * 1000) return done(gaps)
          const turn = (now - first) / 300
          const at = { clientX: x + 150 * Math.sin(turn), clientY: y + 90 * Math.cos(turn), bubbles: true }
          if (!still) canvas.dispatchEvent(new PointerEvent('pointermove', at))
          requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
    [x, y, SECONDS, still],
  )
  if (!still && (await drawn()) === before) throw new Error('the picture did not move; nothing was measured')
  if (!still) await page.mouse.up()
  measured.sort((a, b) => a - b)
  const total = measured.reduce((sum, gap) => sum + gap, 0)
  return { rate: (measured.length * 1000) / total, p95: measured[Math.ceil(measured.length * 0.95) - 1] }
}

/** The longest task of the page from now until `act` is done and drawn. */
async function longest(page, what, act) {
  await page.evaluate(() => {
    window.longest = 0
    window.watching ??= new PerformanceObserver((seen) => {
      for (const task of seen.getEntries()) window.longest = Math.max(window.longest, task.duration)
    })
    window.watching.observe({ type: 'longtask' })
  })
  await act()
  // Tasks are told after they end: two frames and a turn later nothing is missing.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 300)))))
  const took = await page.evaluate(() => window.longest)
  const said = took ? `${took.toFixed(0)} ms` : 'under 50 ms'
  console.log(`${what}: longest task ${said} (target < ${FREEZE_MS} ms, ${took < FREEZE_MS ? 'met' : 'MISSED'})`)
}

function tell(what, { rate, p95 }, reference) {
  const verdict = rate > TARGET ? 'met' : 'MISSED'
  const beside = `${(rate / reference.rate).toFixed(2)} × the reference (a still page: ${reference.rate.toFixed(1)} frames/s)`
  console.log(`${what}: ${rate.toFixed(1)} frames/s (target > ${TARGET}, ${verdict}); 95 of 100 frames within ${p95.toFixed(0)} ms; ${beside}`)
}

const server = await startServer()
const browser = await startBrowser()
try {
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  const territory = '14'
  const made = { id: makeId('change'), account: makeId('account'), ...WORKER, role: 'epidemiologist', territory }
  await sendChange(admin, 'create-account', made)
  const page = await openPage(browser)
  await signIn(page, server, WORKER)
  const event = makeId('event')
  const name = `${CASES} cases (invented)`
  await sendChange(page, 'open-event', {
    id: makeId('change'), event, name, disease: 'covid-19-delta', territory, started: '2022-02-20',
  })
  const report = await importList(page, event)
  if (report.created !== CASES) throw new Error(`${report.created} of ${CASES} cases were imported`)

  page.setDefaultTimeout(120_000)
  const begun = performance.now()
  await page.goto(`${server.address}/chains?event=${event}`)
  const canvas = page.locator('canvas').first()
  await canvas.waitFor()
  // The day axis is drawn with the rest: some of the picture is not the ground any more.
  await page.waitForFunction(() => {
    const drawn = document.querySelector('canvas')
    const all = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height).data
    return all.some((value, at) => at % 4 !== 3 && value !== all[at % 4])
  })
  console.log(`chain page with ${CASES} cases: drawn after ${((performance.now() - begun) / 1000).toFixed(2)} s`)
  const answer = await page.evaluate(() => {
    const one = performance.getEntriesByType('resource').find((entry) => entry.name.includes('/api/chains'))
    return { ms: one.responseEnd - one.startTime, mb: one.decodedBodySize / 1e6 }
  })
  console.log(`of that the server's answer: ${(answer.ms / 1000).toFixed(2)} s, ${answer.mb.toFixed(1)} MB`)
  const reference = await frames(page, true)
  tell(`panning all of ${CASES} cases`, await frames(page, false), reference)
  const box = await canvas.boundingBox()
  const middle = [box.x + box.width / 2, box.y + box.height / 2]
  await longest(page, 'coming closer by wheel, twelve steps', async () => {
    await page.mouse.move(...middle)
    for (let step = 0; step < 12; step++) await page.mouse.wheel(0, -240)
  })
  await page.getByRole('button', { name: 'Everything' }).click()
  await canvas.focus()
  for (let press = 0; press < 8; press++) await page.keyboard.press('+')
  tell('panning from close by', await frames(page, false), reference)
  await longest(page, 'pointing across the picture', async () => {
    for (let step = 0; step < 20; step++) await page.mouse.move(middle[0] - 200 + 20 * step, middle[1] + 4 * step)
  })
  const sought = `F${Math.floor(CASES / 2)}`
  await longest(page, `searching ${sought}`, async () => {
    await page.getByLabel('Case no.').fill(sought)
    await page.keyboard.press('Enter')
    await page.locator('.story b').getByText(sought, { exact: true }).waitFor()
  })
  tell('panning around the case that was found', await frames(page, false), reference)
  await longest(page, 'other colours', () => page.getByRole('combobox', { name: 'Colour' }).selectOption('place'))
  // It is laid out in turns, so the wait is for the picture and not for the filter.
  const generations = page.getByRole('combobox', { name: 'Generation' })
  const whole = page.getByRole('application', { name: `Chains: ${CASES.toLocaleString('en')} cases` })
  await longest(page, 'the first ten generations only', async () => {
    await generations.selectOption('9')
    await whole.waitFor({ state: 'detached' })
  })
  await longest(page, 'all generations again', async () => {
    await generations.selectOption('')
    await whole.waitFor()
  })
} finally {
  await browser.close()
  await server.stop()
}
