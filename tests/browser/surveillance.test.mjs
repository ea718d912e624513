// A morning of early warning: a school nurse reports on a telephone without a network, the numbers go when it is back, a
// signal stands on a second person's page within two seconds, is verified and becomes an event; another one is a fault in the
// data, and the account of the detectors shows it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Epidemiologist', password: 'a kettle sings at dawn' }
const NURSE = { login: 'nurse', name: 'Invented Nurse', password: 'chalk dust on a windowsill' }

const TAIGU = '14/1407/140703'
const QUIET_DAYS = 70
const SITES = {
  clinic: { kind: 'fever_clinic', name: 'Invented clinic', indicator: 'fever_visits', quiet: 9 },
  pharmacy: { kind: 'pharmacy', name: 'Invented pharmacy', indicator: 'fever_medicine', quiet: 20 },
  school: { kind: 'school', name: 'Invented school', indicator: 'absence', quiet: 6 },
}

let server, browser, worker, nurse

/** Where the department is, it may be another day than here. */
function dayBack(days) {
  const there = new Date(Date.now() + 8 * 3600_000 - days * 86_400_000)
  return there.toISOString().slice(0, 10)
}

async function report(page, { id, indicator }, day, value) {
  return sendChange(page, 'report-numbers', {
    id: makeId('change'), site: id, day, numbers: { [indicator]: { value } }, confirmed: [indicator],
  })
}

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const [who, role, territory] of [[WORKER, 'epidemiologist', '14'], [NURSE, 'sentinel', TAIGU]])
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who, role, territory })
  await admin.context().close()
  worker = await openPage(browser)
  await signIn(worker, server, WORKER)
  for (const site of Object.values(SITES)) {
    site.id = makeId('site')
    const { kind, name } = site
    await sendChange(worker, 'register-site', {
      id: makeId('change'), site: site.id, territory: TAIGU, kind, name, started: dayBack(400),
    })
    for (let back = QUIET_DAYS; back >= 1; back--)
      await report(worker, site, dayBack(back), site.quiet + ((back * 5) % 4))
  }
  await sendChange(worker, 'link-reporter', { id: makeId('change'), site: SITES.school.id, login: NURSE.login })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a site with its last weeks, and the series with its normal range', { skip }, async () => {
  await worker.goto(`${server.address}/sites`)
  await worker.getByRole('link', { name: 'Invented school' }).waitFor()
  await assertSound(worker, 'sites')
  await picture(worker, 'sites')
  await worker.getByRole('link', { name: 'Invented school' }).click()
  await worker.getByRole('heading', { name: 'Invented school' }).waitFor()
  await assertSound(worker, 'site')
  await picture(worker, 'site')
  await worker.goto(`${server.address}/series?indicators=absence,fever_visits&territory=${TAIGU}`)
  await worker.locator('svg').first().waitFor()
  await assertSound(worker, 'series')
  await picture(worker, 'series')
})

test('numbers typed without a network wait, and go when it is back; the signal is there at once', { skip }, async () => {
  for (const site of [SITES.clinic, SITES.pharmacy]) await report(worker, site, dayBack(0), site.quiet * 4)
  await worker.goto(`${server.address}/signals`)
  await worker.getByRole('heading', { name: 'Signals' }).waitFor()

  nurse = await openPage(browser, { width: 360, height: 740 })
  // Whoever only reports numbers lands where they are reported.
  await nurse.goto(`${server.address}/`)
  await nurse.fill('[name=login]', NURSE.login)
  await nurse.fill('[name=password]', NURSE.password)
  await nurse.click('button[type=submit]')
  await nurse.getByLabel('Absent because ill', { exact: true }).first().waitFor()
  await assertSound(nurse, 'field')
  // As from the home screen, the next time; from then on the page needs no network.
  await nurse.goto(`${server.address}/field/report`)
  await nurse.evaluate(() => navigator.serviceWorker.ready.then(() => true))
  await nurse.context().setOffline(true)
  await nurse.reload()
  const box = nurse.getByRole('textbox', { name: 'Absent because ill', exact: true })
  await box.fill('34')
  await picture(nurse, 'field-offline')
  await nurse.getByRole('button', { name: /^Keep 1 number/ }).click()
  await nurse.getByRole('button', { name: 'Yes, it is right' }).click()
  await nurse.getByText('Waits to be sent').waitFor()
  nurse.complaints.length = 0

  const row = worker.getByRole('row').filter({ hasText: /Taigu|太谷/ })
  const answered = nurse.waitForResponse((response) => response.url().includes('/api/changes/report-numbers') && response.ok())
  await nurse.context().setOffline(false)
  await answered
  const sent = Date.now()
  await row.first().waitFor()
  const seconds = (Date.now() - sent) / 1000
  assert.ok(seconds < 2, `the signal was on the other page after ${seconds} s`)
  await nurse.getByText(/^Kept/).first().waitFor()
  await picture(nurse, 'field-sent')
  await assertSound(worker, 'signals')
  await picture(worker, 'signals')
})

test('the signal is verified and becomes an event', { skip }, async () => {
  await worker.goto(`${server.address}/signals`)
  await worker.getByRole('row').filter({ hasText: /Taigu|太谷/ }).first().getByRole('link').first().click()
  await worker.getByRole('button', { name: 'Verified' }).waitFor()
  await assertSound(worker, 'signal')
  await picture(worker, 'signal')
  await worker.getByRole('button', { name: 'Verified' }).click()
  await worker.locator('dialog[open]').getByRole('button', { name: 'Verified' }).click()
  await worker.getByText('The signal is verified.').waitFor()
  await worker.getByRole('button', { name: 'Open an event…' }).click()
  const dialog = worker.locator('dialog[open]')
  await dialog.locator('[name=name]').fill('Coughs in an invented school')
  await dialog.locator('button[type=submit]').click()
  await worker.getByText('The signal is in the event.').waitFor()
})

test('a fault in the data is closed as one, and the account shows it', { skip }, async () => {
  await report(worker, { ...SITES.school, indicator: 'vomiting' }, dayBack(0), 0)
  for (let back = QUIET_DAYS; back >= 1; back--)
    await report(worker, { ...SITES.school, indicator: 'vomiting' }, dayBack(back), back % 2)
  await worker.goto(`${server.address}/signals`)
  await report(worker, { ...SITES.school, indicator: 'vomiting' }, dayBack(0), 88)
  await worker.getByRole('row').filter({ hasText: 'Vomiting' }).first().getByRole('link').first().click()
  await worker.getByRole('button', { name: 'Close the signal…' }).click()
  const dialog = worker.locator('dialog[open]')
  await dialog.locator('[name=outcome]').selectOption('data_fault')
  await dialog.locator('button[type=submit]').click()
  await worker.getByText('The signal is closed.').waitFor()
  await worker.goto(`${server.address}/signals?tab=accounts`)
  const enteric = worker.getByRole('row').filter({ hasText: 'Enteric' })
  await enteric.waitFor()
  assert.match(await enteric.innerText(), /0 of 1/)
  await assertSound(worker, 'accounts')
  await picture(worker, 'accounts')
})
