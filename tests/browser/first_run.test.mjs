// From a new server to an outbreak on the screen: the way every installation begins.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  assertSound,
  firstRun,
  makeId,
  openPage,
  picture,
  sendChange,
  signIn,
  startBrowser,
} from './browser.mjs'
import { missing, startServer } from './server.mjs'

const why = missing()
if (why) console.log(`browser tests skipped: ${why}`)

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Epidemiologist', password: 'a kettle sings at dawn' }

let server, browser, page

before(async () => {
  if (why) return
  server = await startServer()
  browser = await startBrowser()
  page = await openPage(browser)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test(
  'the printed address makes the first administrator, who sees no persons',
  { skip: why ?? false },
  async () => {
    assert.ok(server.setup, 'the program prints a setup address')
    await page.goto(server.setup)
    await page.locator('h1').waitFor()
    await assertSound(page, 'first run')
    await firstRun(page, server, ADMIN)
    await page.getByRole('heading', { name: 'Admin' }).waitFor()
    assert.equal(new URL(page.url()).searchParams.get('setup'), null, 'the code does not stay in the address')
    assert.equal(await page.getByRole('link', { name: 'Cases', exact: true }).count(), 0)
  },
)

test(
  'the administrator makes an account with a password made by chance',
  { skip: why ?? false },
  async () => {
    await page.getByRole('button', { name: 'Create an account' }).click()
    const form = page.getByRole('dialog')
    await form.locator('[name=name]').fill(WORKER.name)
    await form.locator('[name=login]').fill(WORKER.login)
    await form.locator('[name=password]').fill(WORKER.password)
    await form.getByRole('button', { name: 'Create an account' }).click()
    await page.getByRole('cell', { name: WORKER.login, exact: true }).waitFor()
    await picture(page, 'admin-accounts')
    for (const tab of ['accounts', 'packs', 'regions']) {
      await page.goto(`${server.address}/admin/${tab}`)
      await page.locator('table').first().waitFor()
      await assertSound(page, `admin ${tab}`)
    }
  },
)

test('a wrong password is refused in words', { skip: why ?? false }, async () => {
  const other = await openPage(browser)
  await other.goto(`${server.address}/`)
  await other.fill('[name=login]', WORKER.login)
  await other.fill('[name=password]', 'not the password at all')
  await other.click('button[type=submit]')
  await other.getByRole('alert').waitFor()
  other.complaints = []
  await assertSound(other, 'sign-in')
  await picture(other, 'sign-in-refused')
  await other.context().close()
})

test(
  'an epidemiologist opens an event and sees its first case arrive without a reload',
  { skip: why ?? false },
  async () => {
    const worker = await openPage(browser)
    await signIn(worker, server, WORKER)
    await worker.goto(`${server.address}/events`)
    await worker.getByRole('button', { name: 'Open an event' }).click()
    const form = worker.getByRole('dialog')
    await form.locator('[name=name]').fill('Taigu, imported cluster')
    await form.getByLabel('Disease').selectOption('covid-19-delta')
    await form.getByRole('combobox', { name: 'Territory' }).click()
    await form.getByRole('combobox', { name: 'Territory' }).fill('140703')
    await form.getByRole('option', { name: 'Taigu Jinzhong 140703' }).waitFor()
    await worker.keyboard.press('Enter')
    await form.locator('[name=started]').fill('20220220')
    await form.getByRole('button', { name: 'Open an event' }).click()
    await worker.getByRole('heading', { name: 'Taigu, imported cluster' }).waitFor()
    await worker.getByText('2022-02-20 (Sun)').first().waitFor()
    await assertSound(worker, 'event')
    const event = new URL(worker.url()).pathname.split('/').pop()

    await worker.goto(`${server.address}/?event=${event}`)
    await worker.getByText('No cases match these filters').waitFor()
    await sendChange(worker, 'report-case', firstCase(event))
    await worker.getByRole('heading', { name: 'Epidemic curve' }).waitFor()
    await worker.getByText('1 of 1').first().waitFor()
    await assertSound(worker, 'situation')
    await picture(worker, 'situation')
    await worker.context().close()
  },
)

test('the curve is a table one click away, and leaves as SVG and CSV', { skip: why ?? false }, async () => {
  const worker = await openPage(browser)
  await signIn(worker, server, WORKER)
  await worker.getByRole('heading', { name: 'Epidemic curve' }).waitFor()
  const saved = async (button) => {
    const [file] = await Promise.all([
      worker.waitForEvent('download'),
      worker.getByRole('button', { name: button }).click(),
    ])
    return readFileSync(await file.path(), 'utf8')
  }
  assert.match(await saved('Save CSV'), /^day,under_care,community,unknown\n2022-02-18,1,0,0\n$/)
  const drawing = await saved('Save SVG')
  assert.match(drawing, /^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/)
  assert.doesNotMatch(drawing, /var\(|class="/, 'the file needs no style sheet')
  await worker.getByRole('button', { name: 'As a table' }).first().click()
  await worker.getByRole('cell', { name: '2022-02-18 (Fri)' }).waitFor()
  // Another language in the middle of the work: nothing is loaded again, the table stays open.
  await worker.getByRole('button', { name: '中文' }).click()
  await worker.getByRole('cell', { name: '2022-02-18（周五）' }).waitFor()
  await worker.context().close()
})

test('imported boundaries take the place of the tiles', { skip: why ?? false }, async () => {
  const admin = await openPage(browser)
  await signIn(admin, server, ADMIN)
  await admin.goto(`${server.address}/admin/regions`)
  const corners = [
    [112.4, 37.3],
    [112.8, 37.3],
    [112.8, 37.6],
    [112.4, 37.6],
    [112.4, 37.3],
  ]
  const feature = {
    type: 'Feature',
    properties: { code: '140703', name: '太谷区', name_en: 'Taigu' },
    geometry: { type: 'Polygon', coordinates: [corners] },
  }
  const content = JSON.stringify({ type: 'FeatureCollection', features: [feature] })
  await admin.setInputFiles('input[type=file]', {
    name: 'own.geojson',
    mimeType: 'application/json',
    buffer: Buffer.from(content),
  })
  await admin.getByText('Nothing is written yet').waitFor()
  await admin.getByRole('button', { name: 'Write 1 region' }).click()
  await admin.getByText('1 region written').waitFor()
  await assertSound(admin, 'regions imported')
  await admin.context().close()

  const worker = await openPage(browser)
  await signIn(worker, server, WORKER)
  await worker.getByRole('link', { name: 'Taigu, Jinzhong: 1 case, 0 contacts' }).click()
  await worker.waitForURL(/territory=14\/1407\/140703/)
  assert.equal(await worker.locator('svg .tile').count(), 0)
  await worker.context().close()
})

test(
  'a note written while the connection is gone is kept, and sent once when it is back',
  { skip: why ?? false },
  async () => {
    const worker = await openPage(browser)
    await signIn(worker, server, WORKER)
    await worker.goto(`${server.address}/events`)
    await worker.getByRole('link', { name: 'Taigu, imported cluster' }).click()
    await worker.getByRole('link', { name: /^Notes/ }).click()
    await worker.locator('textarea').fill('The expert group meets at eight.')
    await worker.context().setOffline(true)
    await worker.getByRole('button', { name: 'Add note' }).click()
    await worker.getByText('The server did not answer').waitFor()
    await worker.context().setOffline(false)
    await worker.reload()
    assert.equal(await worker.locator('textarea').inputValue(), 'The expert group meets at eight.')
    await worker.getByRole('button', { name: 'Add note' }).click()
    await worker.locator('article', { hasText: 'The expert group meets at eight.' }).waitFor()
    assert.equal(await worker.locator('article').count(), 1)
    assert.equal(await worker.locator('textarea').inputValue(), '')
    await worker.context().close()
  },
)

test('a territory and a row are reached by keyboard alone', { skip: why ?? false }, async () => {
  const worker = await openPage(browser)
  await signIn(worker, server, WORKER)
  const territory = worker.getByRole('combobox', { name: 'Territory' })
  await territory.focus()
  await worker.keyboard.press('ArrowDown')
  await worker.keyboard.type('yuci')
  await worker.getByRole('option', { name: /Yuci/ }).first().waitFor()
  await worker.keyboard.press('Enter')
  await worker.waitForURL(/territory=14\/1407\/140702/)
  await worker.goBack()
  assert.equal(new URL(worker.url()).searchParams.get('territory'), null)
  await worker.context().close()
})

test(
  'every page is sound in both languages, both themes and on a phone',
  { skip: why ?? false },
  async () => {
    const looks = [
      { language: 'zh', theme: 'light' },
      { language: 'en', theme: 'dark' },
      { language: 'zh', theme: 'dark', width: 360, height: 760 },
    ]
    for (const look of looks) {
      const visitor = await openPage(browser, look)
      await signIn(visitor, server, WORKER)
      for (const path of ['/', '/events', '/cases', '/contacts', '/chains', '/imports']) {
        await visitor.goto(server.address + path)
        await visitor.locator('h1').waitFor()
        await visitor.waitForLoadState('load')
        await assertSound(visitor, `${path} ${look.language} ${look.theme}`)
        await picture(
          visitor,
          `${path.slice(1) || 'situation'}-${look.language}-${look.theme}-${look.width ?? 1366}`,
        )
      }
      await visitor.context().close()
    }
  },
)

function firstCase(event) {
  const day = (day) => ({ day, precision: 'day', source: 'stated' })
  return {
    id: makeId('change'),
    case: makeId('case'),
    subject: makeId('subject'),
    event,
    case_no: null,
    disease: 'covid-19-delta',
    territory: '14/1407/140703',
    identity: { name: 'Invented Person', id_number: null, phone: null, address: null },
    sex: 'female',
    age: 41,
    occupation: null,
    classification: 'confirmed',
    found: 'under_care',
    dates: { onset: day('2022-02-18'), result: day('2022-02-20') },
    outcome: null,
  }
}
