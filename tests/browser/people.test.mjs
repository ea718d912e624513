// The worklist of duplicates: two records of one woman, decided with the keyboard, no name on the page; and the way back
// on the page of a case.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const WORKER = { login: 'worker', name: 'Invented Epidemiologist', password: 'a kettle sings at dawn' }

let server, browser, page

function report(case_no, age, identity) {
  return {
    id: makeId('change'), case: makeId('case'), subject: makeId('subject'), case_no, disease: 'covid-19-delta',
    territory: '14/1407/140703', sex: 'female', age, classification: 'confirmed', found: 'under_care', identity,
    dates: { onset: { day: '2022-02-18', precision: 'day', source: 'stated' } },
  }
}

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  await sendChange(admin, 'create-account', {
    id: makeId('change'), account: makeId('account'), ...WORKER, role: 'epidemiologist', territory: '14',
  })
  await admin.context().close()
  page = await openPage(browser)
  await signIn(page, server, WORKER)
  const phone = '139 0000 1234'
  await sendChange(page, 'report-case', report('A1', 40, { name: '王晓红', phone, id_number: '140703198103077713' }))
  await sendChange(page, 'report-case', report('B7', 40, { name: 'Xiaohong WANG', phone: `+86 ${phone}` }))
  await sendChange(page, 'report-case', report('C2', 33, { name: '张丽', id_number: '140703198905127713' }))
  await sendChange(page, 'report-case', report('C9', 33, { name: '张莉', id_number: '140703198905127813' }))
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('pairs stand side by side without a name, and a key decides', { skip }, async () => {
  await page.goto(`${server.address}/people`)
  const pairs = page.locator('ol > li')
  await pairs.nth(1).waitFor()
  const text = await page.locator('main').innerText()
  for (const secret of ['晓', 'Xiaohong', '1390000', '140703198']) assert.ok(!text.includes(secret), secret)
  await assertSound(page, 'people')
  await picture(page, 'people-duplicates')
  const first = await pairs.first().innerText()
  await pairs.first().focus()
  await page.keyboard.press('l')
  await page.waitForFunction((first) => !document.querySelector('ol > li').innerText.startsWith(first), first)
  const pair = pairs.filter({ hasText: 'B7' })
  await pair.focus()
  await page.keyboard.press('s')
  await pair.waitFor({ state: 'detached' })
  assert.equal(await pairs.count(), 1)
})

test('a case tells the other record of its person, and the link is taken back with a reason', { skip }, async () => {
  await page.goto(`${server.address}/cases`)
  await page.getByRole('link', { name: 'A1' }).first().click()
  const section = page.locator('section').filter({ hasText: 'Same person as' })
  await section.getByRole('link', { name: 'B7' }).waitFor()
  await picture(page, 'people-same-person')
  await section.getByRole('button', { name: 'Part' }).click()
  await page.locator('dialog[open] [name=reason]').fill('two sisters')
  await page.locator('dialog[open]').getByRole('button', { name: 'Part' }).click()
  await section.getByText('No other record is linked.').waitFor()
})

test('a number that is known is answered with a record', { skip }, async () => {
  await page.goto(`${server.address}/people?tab=known`)
  await page.locator('[name=id_number]').fill('140703198103077713')
  await page.locator('[name=purpose]').selectOption('outbreak_response')
  await page.locator('[name=reason]').fill('named as a contact')
  await assertSound(page, 'people-known')
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.getByRole('link', { name: 'A1' }).waitFor()
  await picture(page, 'people-known')
})
