// Frames per second while the picture of 5,000 cases is dragged about: the whole of it, and from close by. A figure, not a
// test: run it by hand, `QUELL_BIN=target/release/quell node tests/browser/chain_frames.mjs`.
//
// The reference of the same run is the same page panning nothing: what this machine's browser gives when it only counts.

import { firstRun, makeId, openPage, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const CASES = 5_000
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
  const name = 'Five thousand (invented)'
  await sendChange(page, 'open-event', {
    id: makeId('change'), event, name, disease: 'covid-19-delta', territory, started: '2022-02-20',
  })
  const report = await importList(page, event)
  if (report.created !== CASES) throw new Error(`${report.created} of ${CASES} cases were imported`)

  const begun = performance.now()
  await page.goto(`${server.address}/chains?event=${event}`)
  const canvas = page.locator('canvas').first()
  await canvas.waitFor()
  console.log(`chain page with ${CASES} cases: on the screen after ${((performance.now() - begun) / 1000).toFixed(2)} s`)
  const reference = await frames(page, true)
  tell(`panning all of ${CASES} cases`, await frames(page, false), reference)
  await canvas.focus()
  for (let press = 0; press < 8; press++) await page.keyboard.press('+')
  tell('panning from close by', await frames(page, false), reference)
} finally {
  await browser.close()
  await server.stop()
}
