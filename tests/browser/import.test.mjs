// The main job: the list a department really has, dropped into the page, becomes a curve and chains, and no row is lost.

import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const why = missing()
const skip = why ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Epidemiologist', password: 'a kettle sings at dawn' }

/** Every person is invented. `onset` can be read as day-month or month-day in every cell; `sick person` is a name that
 * nobody has for a case number; one row is blank, one names a source that no row has. */
const LIST = [
  'sick person,sex,age,onset,county,infected_by,classification',
  'W-01,F,34,03/02/2022,140703,,confirmed',
  'W-02,M,36,05/02/2022,140703,W-01,confirmed',
  'W-03,F,8,06/02/2022,140702,W-01,confirmed',
  'W-04,M,61,08/02/2022,140703,W-02,asymptomatic',
  ',,,,,,',
  'W-05,F,44,09/02/2022,140703,W-99,confirmed',
  'W-06,M,52,10/02/2022,140703,W-03,confirmed',
].join('\r\n')

let server, browser, page
const event = makeId('event')

before(async () => {
  if (why) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  await sendChange(admin, 'create-account', {
    id: makeId('change'),
    account: makeId('account'),
    ...WORKER,
    role: 'epidemiologist',
    territory: '14',
  })
  await admin.context().close()
  page = await openPage(browser)
  await signIn(page, server, WORKER)
  const name = 'Workshop cluster (invented)'
  const started = '2022-02-03'
  await sendChange(page, 'open-event', {
    id: makeId('change'), event, name, disease: 'covid-19-delta', territory: '14', started,
  })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a dropped list waits until its doubtful column is answered', { skip }, async () => {
  await page.goto(`${server.address}/imports?event=${event}`)
  await page.locator('input[type=file]').setInputFiles({
    name: 'workshop.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST),
  })
  await page.getByRole('heading', { name: 'workshop.csv' }).waitFor()
  await assertSound(page, 'mapping')

  const number = page.getByLabel('What column sick person says')
  await number.selectOption('case_no')
  const dates = page.getByRole('group', { name: 'Both readings are possible' })
  await dates.waitFor()
  assert.ok(await page.getByRole('button', { name: 'Check every row' }).isDisabled(), 'nothing goes on before the answer')
  assert.match(await dates.textContent(), /2022-02-03 \(Thu\)/)
  assert.match(await dates.textContent(), /2022-03-02 \(Wed\)/)
  await picture(page, 'import-mapping')

  await page.locator('input[type=radio][value=dmy]').first().check()
  await dates.waitFor({ state: 'detached' })
  assert.equal(await number.inputValue(), 'case_no', 'the first answer stayed')
})

test('the check says what every row would do and writes nothing', { skip }, async () => {
  await page.getByRole('button', { name: 'Check every row' }).click()
  await page.getByText('Nothing is written yet').waitFor()
  const sum = page.locator('.sum')
  await sum.getByText('7 rows').waitFor()
  assert.match((await sum.textContent()).replace(/\s+/g, ' '), /to create 6 \+ to update 0 \+ unchanged 0 \+ skipped 1 \+ failed 0 = 7 rows/)
  await page.getByText('1 name a source that is in no list here').waitFor()
  await assertSound(page, 'account')
  await picture(page, 'import-account')
  const cases = await page.evaluate(async () => (await (await fetch('/api/cases')).json()).rows.length)
  assert.equal(cases, 0)
})

test('applied, the list is a curve and a chain, on screen and on paper', { skip }, async () => {
  await page.getByRole('button', { name: 'Apply: write 6 records' }).click()
  await page.getByRole('link', { name: 'See the chains' }).waitFor()

  await page.getByRole('link', { name: 'See the situation' }).click()
  await page.getByRole('img', { name: /Epidemic curve: 6 cases from 2022-02-03/ }).waitFor()
  await assertSound(page, 'situation after import')
  await picture(page, 'import-situation')
  const paper = await page.pdf({ format: 'A4' })
  assert.ok(paper.length > 10_000, 'the situation prints')

  await page.goto(`${server.address}/chains?event=${event}`)
  await page.getByRole('application', { name: /Chains: 6 cases, 4 links/ }).waitFor()
  await page.getByText('1 named source is in no list here').waitFor()
  await assertSound(page, 'chains')
  await picture(page, 'import-chains')

  // Space lights the first case, the arrow follows its link, Enter opens who was infected.
  await page.locator('canvas').focus()
  await page.keyboard.press('Space')
  await page.getByText('W-01 confirmed').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByText('W-02 confirmed').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'W-02' }).waitFor()
  await page.getByRole('link', { name: 'W-01' }).waitFor()
  await assertSound(page, 'one case')
  await picture(page, 'import-case')
})

test('the same list again is recognised and changes nothing', { skip }, async () => {
  await page.goto(`${server.address}/imports?event=${event}`)
  await page.locator('input[type=file]').setInputFiles({
    name: 'workshop.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST),
  })
  await page.getByText('A list with these columns was imported before').waitFor()
  await page.getByRole('button', { name: 'Check every row' }).click()
  const sum = page.locator('.sum')
  await sum.waitFor()
  assert.match((await sum.textContent()).replace(/\s+/g, ' '), /to create 0 \+ to update 0 \+ unchanged 6 \+ skipped 1 \+ failed 0 = 7 rows/)
  await page.getByRole('button', { name: 'Give up this import' }).click()
  await page.getByText('nothing of it was written').waitFor()
})

test('an import is undone with a reason, and its cases are gone', { skip }, async () => {
  await page.goto(`${server.address}/imports?event=${event}`)
  await page.getByRole('row', { name: /workshop\.csv applied/ }).getByRole('link').click()
  await page.getByRole('button', { name: 'Undo this import' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('The list belongs to another department.')
  await dialog.getByRole('button', { name: 'Undo this import' }).click()
  await page.getByText('This import was undone').waitFor()
  await page.goto(`${server.address}/cases?event=${event}`)
  await page.getByText('No case matches these filters').waitFor()
})
