// From a new server to an outbreak on the screen: the way every installation begins.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
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

test('the printed address makes the first administrator, who sees no persons', { skip: why ?? false }, async () => {
  assert.ok(server.setup, 'the program prints a setup address')
  await page.goto(server.setup)
  await page.locator('h1').waitFor()
  await assertSound(page, 'first run')
  await firstRun(page, server, ADMIN)
  await page.getByRole('heading', { name: 'Admin' }).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('setup'), null, 'the code does not stay in the address')
  assert.equal(await page.getByRole('link', { name: 'Cases', exact: true }).count(), 0)
})

test('the administrator makes an account with a password made by chance', { skip: why ?? false }, async () => {
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
})

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

test('an epidemiologist opens an event and sees its first case arrive without a reload', { skip: why ?? false }, async () => {
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
})

test('every page is sound in both languages, both themes and on a phone', { skip: why ?? false }, async () => {
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
      await picture(visitor, `${path.slice(1) || 'situation'}-${look.language}-${look.theme}-${look.width ?? 1366}`)
    }
    await visitor.context().close()
  }
})

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
