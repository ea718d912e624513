// A paper list typed in later: with the keyboard alone and a reader that types, kept sealed on this machine when the page goes,
// sent once, joined with what a telephone had registered; a list from a spreadsheet row by row; the blank form on paper. And the
// shifts of a post, with what a round is short of.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const PLANNER = { login: 'planner', name: 'Invented Planner', password: 'a kettle sings at dawn' }
const SUN = { login: 'sun', name: 'Sun Invented', password: 'four lanterns over the ford' }
const TAIGU = '14/1407/140703'
const POST = 'Bell Street school'

let server, browser, planner, sun, round
const post = makeId('post')

const two = (n) => String(n).padStart(2, '0')
/** An hour ago on the wall of the place (UTC+8), as the sheet has it. */
const wall = (() => {
  const at = new Date(Date.now() - 3_600_000 + 8 * 3_600_000)
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
})()

const keys = async (page, ...texts) => {
  for (const text of texts) {
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
  }
}
const inTube = (page, text) => page.getByRole('heading', { name: text }).waitFor()

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const [who, role] of [[PLANNER, 'epidemiologist'], [SUN, 'field']])
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who, role, territory: TAIGU, organisation: 'CDC' })
  await admin.context().close()
  planner = await openPage(browser, { width: 1280, height: 800 })
  await signIn(planner, server, PLANNER)
  sun = await openPage(browser, { width: 1024, height: 700 })
  await signIn(sun, server, SUN)
  const campaign = makeId('campaign')
  round = makeId('round')
  const change = (name, body) => sendChange(planner, name, { id: makeId('change'), campaign, ...body })
  await change('plan-campaign', { territory: TAIGU, name: 'Everybody in Taigu', disease: 'covid-19-delta', ordered: 'Invented order 3' })
  const zone = { territory: TAIGU, class: 'precaution', population: 296_000, pool_size: 10 }
  await change('open-round', { round, opens: Date.now() - 7_200_000, deadline: Date.now() + 72_000_000, coverage_target: 0.98, zones: [zone] })
  await change('open-post', { post, territory: TAIGU, name: POST, desks: 2, pool_size: 5 })
  // A telephone had put three lines of sheet A7 into the tube before it broke.
  const at = Date.now() - 3_600_000
  const members = [1, 2, 3].map((line) => ({ position: line, at, way: 'paper', name: '', document: 'none', number: '', sheet: `A7/${line}` }))
  await sendChange(sun, 'register-tube', { id: makeId('change'), tube: 'TG-000001', post, kind: 'people', size: 5, sampled: at, closed: at, members })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a list is typed with the keyboard alone, and is there again when the page was closed', { skip }, async () => {
  await sun.goto(`${server.address}/field/lab`)
  await sun.getByRole('link', { name: 'Type in a paper list' }).click()
  await sun.getByLabel('Post', { exact: true }).selectOption(post)
  await sun.getByLabel('Sampled by').fill('0412')
  await sun.getByLabel('Sheet', { exact: false }).first().fill('A7')
  const [day, time] = wall.split(' ')
  await sun.getByLabel('Sampled at', { exact: true }).first().fill(day)
  await sun.getByLabel(/Sampled at, /).fill(time)
  await sun.getByLabel('Barcode of the tube').focus()
  await keys(sun, 'tg-000001')
  await inTube(sun, /TG-000001/)
  // Name, number, telephone, each with Enter; the number's check digit does not fit, which is a hint.
  await keys(sun, 'Invented Wang', '140726199001010000', '13900000000')
  await inTube(sun, /TG-000001 1 of 5 people/)
  await sun.getByText('check digit').first().waitFor()
  await keys(sun, 'Invented Li', 'E1234567', '')
  await keys(sun, 'Invented Wang', '140726199001010000', '')
  await sun.getByRole('dialog').getByText('is in tube TG-000001 that day already').waitFor()
  await sun.getByRole('button', { name: 'Copied twice: leave out' }).click()
  await inTube(sun, /TG-000001 2 of 5 people/)
  await assertSound(sun, 'paper list')

  await sun.reload()
  await inTube(sun, /TG-000001 2 of 5 people/)
  await sun.getByText('Invented Li').waitFor()
  const raw = await sun.evaluate(
    () =>
      new Promise((done) => {
        const asked = indexedDB.open('quell.lab')
        asked.onsuccess = () => {
          const rows = asked.result.transaction('rows').objectStore('rows').getAll()
          rows.onsuccess = () => done(rows.result.map((row) => new TextDecoder('latin1').decode(row.sealed)).join('\n'))
        }
      }),
  )
  assert.ok(raw.length > 100 && !raw.includes('Invented'), 'what lies on the machine is sealed')
})

test('a barcode where a name is expected is the next tube, and a full tube takes nobody more', { skip }, async () => {
  await sun.getByLabel('Name', { exact: true }).focus()
  await keys(sun, 'Invented Zhao', '', '')
  await keys(sun, 'TG-000002')
  await inTube(sun, /TG-000002 0 of 5 people/)
  for (let n = 1; n <= 5; n++) {
    await keys(sun, `Invented Person ${n}`, `P000000${n}`, '')
    await inTube(sun, new RegExp(`TG-000002 ${n} of 5 people`))
  }
  await sun.getByText(/is full/).waitFor()
  await sun.getByLabel('Name', { exact: true }).focus()
  await keys(sun, 'Invented Sixth', 'P0000006', '')
  await sun.getByText(/holds 5 and takes nobody more/).waitFor()
  await picture(sun, 'paper-list')
})

test('it is sent once, and joins what the telephone had registered', { skip }, async () => {
  await sun.getByRole('button', { name: /^Send 2 tubes/ }).click()
  await sun.getByText('arrived', { exact: true }).first().waitFor()
  assert.equal(await sun.getByText('arrived', { exact: true }).count(), 2)
  const told = await sun.evaluate(() => fetch('/api/lab/tubes/TG-000001').then((answer) => answer.json()))
  assert.deepEqual([told.people.length, told.conflicts, told.papers.length, told.papers[0].sampler], [3, [], 1, '0412'])
  const minute = Date.parse(`${wall.replace(' ', 'T')}:00+08:00`)
  const other = await sun.evaluate(() => fetch('/api/lab/tubes/TG-000002').then((answer) => answer.json()))
  assert.equal(other.sampled, minute, 'the time is the one on the sheet, wherever it is typed')
  assert.equal(other.people.length, 5)
})

test('a list from a spreadsheet is looked at row by row before it is sent', { skip }, async () => {
  await sun.getByRole('button', { name: 'From a spreadsheet' }).click()
  const rows = [
    `TG-000003,${wall},Invented Qian,passport,E7654321,`,
    `TG-000003,${wall},Invented Sun,,,13900000001`,
    `TG-000003,yesterday,Invented Zhou,,,`,
    `,${wall},Invented Wu,,,`,
  ]
  const file = `tube,sampled,name,document,number,telephone\n${rows.join('\n')}\n`
  await sun.locator('input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(file) })
  await sun.getByText('4 rows: 2 good (1 tube), 2 refused').waitFor()
  const refused = sun.getByRole('region', { name: 'Refused rows' }).or(sun.locator('[aria-label="Refused rows"]')).first()
  await refused.getByText(/write it as 2022-02-20 18:30/).waitFor()
  await assertSound(sun, 'rows of a list')
  await picture(sun, 'paper-list-file')
  await sun.getByRole('button', { name: /^Put into the list/ }).click()
  await sun.getByRole('button', { name: /^Send 1 tube/ }).click()
  await sun.getByText('arrived', { exact: true }).nth(2).waitFor()
  const told = await sun.evaluate(() => fetch('/api/lab/tubes/TG-000003').then((answer) => answer.json()))
  assert.equal(told.people.length, 2)
})

test('the blank form prints with a place for each barcode', { skip }, async () => {
  await sun.emulateMedia({ media: 'print' })
  await sun.getByText('Stick the tube’s barcode here').first().waitFor()
  assert.equal(await sun.getByText('Stick the tube’s barcode here').count(), 2)
  assert.equal(await sun.getByRole('button', { name: /^Send/ }).isVisible(), false)
  await sun.emulateMedia({ media: null })
})

test('labels are printed in a series of this machine, each number once', { skip }, async () => {
  await sun.getByRole('link', { name: 'Labels' }).click()
  await sun.getByLabel('Series').fill('K7Q2')
  await sun.getByLabel('How many').fill('30')
  await sun.getByLabel('Copies').selectOption('2')
  await sun.getByRole('img', { name: 'K7Q2-0003' }).first().waitFor()
  await assertSound(sun, 'labels')
  await picture(sun, 'labels')
  await sun.emulateMedia({ media: 'print' })
  await sun.getByRole('img', { name: 'K7Q2-0030' }).first().waitFor()
  assert.equal(await sun.getByRole('img', { name: 'K7Q2-0030' }).count(), 2)
  await picture(sun, 'labels-printed')
  await sun.emulateMedia({ media: null })
  await sun.evaluate(() => (window.print = () => {}))
  await sun.getByRole('button', { name: 'Print 60 labels' }).click()
  assert.equal(await sun.getByLabel('First number').inputValue(), '31')
  await sun.reload()
  await sun.getByRole('img', { name: 'K7Q2-0031' }).first().waitFor()
})

test('a post without a shift is named, its shift is planned, and what is short is told and answered', { skip }, async () => {
  await planner.goto(`${server.address}/testing/rounds/${round}`)
  await planner.getByText('1 post has no shift now').waitFor()
  await planner.getByRole('button', { name: 'Shifts', exact: true }).click()
  const dialog = planner.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Plan a shift' }).click()
  await dialog.getByLabel('Who leads').fill('Nurse Zhou')
  await dialog.getByRole('button', { name: 'Plan a shift' }).click()
  await dialog.getByText('there now').waitFor()
  await assertSound(planner, 'shifts of a post')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await planner.getByText('1 post has no shift now').waitFor({ state: 'detached' })
  await planner.getByRole('button', { name: 'Compare shifts with the need' }).click()
  await planner.getByText(/Samplers are short in \d+ of \d+ sampling hours/).waitFor()
  await planner.getByText('No tube of this round is reported yet').waitFor()
  await planner.getByRole('button', { name: 'Tell a shortage' }).click()
  await planner.getByRole('dialog').getByRole('button', { name: 'Tell a shortage' }).click()
  await planner.getByText('not answered').waitFor()
  await planner.getByRole('button', { name: 'Answer', exact: true }).click()
  await planner.getByRole('dialog').getByLabel('Answer', { exact: false }).first().fill('Jiexiu sends 40, there at 14:00')
  await planner.getByRole('dialog').getByRole('button', { name: 'Answer', exact: true }).click()
  await planner.getByText('Jiexiu sends 40').waitFor()
  await assertSound(planner, 'round with shifts')
  await picture(planner, 'round-shifts')
})
