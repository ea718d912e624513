// A worker's day of follow-up: contacts are put on their pathways at once, one is written down as seen, a missed item stands in red with
// what happens next, a release waits for every criterion, and another edition shows first what it changes for whom.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Worker', password: 'a kettle sings at dawn' }
const TAIGU = '14/1407/140703'

let server, browser, worker
const released = makeId('course')

function day(back) {
  // The house's own days, at UTC+8.
  return new Date(Date.now() + 8 * 3_600_000 - back * 86_400_000).toISOString().slice(0, 10)
}

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...WORKER, role: 'epidemiologist', territory: TAIGU, organisation: 'Taigu CDC' })
  await admin.context().close()
  worker = await openPage(browser)
  await signIn(worker, server, WORKER)
  for (const [no, back] of [['K1', 1], ['K2', 2], ['K3', 20]])
    await sendChange(worker, 'add-contact', {
      id: makeId('change'), contact: makeId('contact'), subject: makeId('subject'), contact_no: no, territory: TAIGU, class: 'close',
      age: no === 'K2' ? 9 : 40, last_exposure: day(back),
    })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('contacts without a pathway are proposed theirs and put on it at once', { skip }, async () => {
  await worker.goto(`${server.address}/followup`)
  await worker.getByText('Nobody is followed here.').waitFor()
  await assertSound(worker, 'nobody followed')
  await worker.getByRole('link', { name: 'On no pathway yet' }).click()
  await worker.getByText('health monitoring').first().waitFor()
  await assertSound(worker, 'waiting')
  await picture(worker, 'followup-waiting')
  await worker.getByLabel('Round for all of them').fill('Bell Street 4')
  await worker.getByRole('button', { name: 'Put 3 on their pathway' }).click()
  await worker.getByText('3 people are on a pathway').waitFor()
  await worker.getByText('Every contact who is watched is on a pathway.').waitFor()
})

test('one is seen, and the strip of days says so', { skip }, async () => {
  await worker.goto(`${server.address}/followup`)
  await worker.getByRole('link', { name: 'K1' }).waitFor()
  await picture(worker, 'followup-today')
  await assertSound(worker, 'today')
  await worker.getByRole('link', { name: 'K1' }).click()
  await worker.getByRole('heading', { name: 'Day by day' }).waitFor()
  await worker.getByLabel('Temperature, °C').fill('36.6')
  await worker.getByRole('button', { name: 'Save the check' }).click()
  await worker.getByText('The check of K1 is saved').waitFor()
  await worker.getByRole('cell', { name: '36.6' }).waitFor()
  await worker.getByText('days served').waitFor()
  assert.equal(await worker.getByRole('button', { name: 'Release from this phase' }).isDisabled(), true)
  await assertSound(worker, 'one person')
  await picture(worker, 'followup-person')
})

test('another edition shows what it changes for whom before it is done', { skip }, async () => {
  const contact = makeId('contact')
  await sendChange(worker, 'add-contact', { id: makeId('change'), contact, subject: makeId('subject'), contact_no: 'K9', territory: TAIGU, class: 'close', last_exposure: day(3) })
  await sendChange(worker, 'put-on-pathway', { id: makeId('change'), people: [{ course: released, contact }], protocol: 'cn-covid-8' })
  await worker.goto(`${server.address}/followup/editions`)
  await worker.getByText('goes sooner: 1').waitFor()
  await worker.getByText('close contact, phase 1, days: 14 days becomes 7 days').waitFor()
  await assertSound(worker, 'editions')
  await picture(worker, 'followup-editions')
  await worker.getByRole('button', { name: 'Change 1 person over' }).click()
  await worker.getByRole('dialog').getByRole('button', { name: 'Change 1 person over' }).click()
  await worker.getByText('1 person has changed over').waitFor()
  await worker.getByText('Nobody here is under this edition.').waitFor()
  await worker.goto(`${server.address}/followup/${released}`)
  await worker.getByText('9th edition').waitFor()
  await worker.getByText('test due').first().waitFor()
  await worker.getByRole('button', { name: '中文' }).first().click()
  await worker.getByText('逐日').waitFor()
  await picture(worker, 'followup-person-zh')
})
