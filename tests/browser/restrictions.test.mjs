// A contact is restricted by three organisations, told on paper, appeals from their own phone and wins; the auditor sees that a list was
// offered and nobody of it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, byName, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false
const TAIGU = '14/1407/140703'
const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const PEOPLE = {
  zhang: { login: 'zhang', name: 'Zhang Invented', password: 'a kettle sings at dawn', role: 'epidemiologist', organisation: 'Taigu CDC' },
  bureau: { login: 'qian', name: 'Qian Invented', password: 'four lanterns over the ford', role: 'commander', organisation: 'Health bureau' },
  county: { login: 'sun', name: 'Sun Invented', password: 'slow snow on a tin roof', role: 'commander', organisation: 'County government' },
  court: { login: 'li', name: 'Li Invented', password: 'nine plums in a blue bowl', role: 'data_officer', organisation: 'Justice bureau' },
  auditor: { login: 'zhou', name: 'Zhou Invented', password: 'the old bridge hums in rain', role: 'auditor', organisation: 'Audit office' },
}

let server, browser, person, address
const contact = { id: makeId('contact'), subject: makeId('subject') }

before(async () => {
  if (skip) return
  server = byName(await startServer())
  browser = await startBrowser()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function as(who, work, look = {}) {
  const page = await openPage(browser, look)
  await signIn(page, server, PEOPLE[who])
  await work(page)
  await page.context().close()
}

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
const inDays = (days) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)

test('a restriction is proposed on a record, and one approval restricts nobody', { skip }, async () => {
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const who of Object.values(PEOPLE))
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who, territory: TAIGU })
  await admin.context().close()
  await as('zhang', async (page) => {
    const send = (name, body) => sendChange(page, name, { id: makeId('change'), ...body })
    const source = makeId('case')
    await send('report-case', {
      case: source, subject: makeId('subject'), case_no: 'C1', disease: 'covid-19-delta', territory: TAIGU, classification: 'confirmed', dates: {},
    })
    await send('add-contact', {
      contact: contact.id, subject: contact.subject, source_case: source, territory: TAIGU, class: 'close', last_exposure: today(),
      identity: { name: 'Invented Wang' },
    })
    await page.goto(`${server.address}/restrictions`)
    await page.getByText('Nothing waits for approval here.').waitFor()
    await assertSound(page, 'restrictions-empty')
    await page.getByRole('button', { name: 'Propose a restriction' }).click()
    await page.locator('[name=subject]').fill(contact.subject)
    await page.locator('[name=evidence]').fill('bank list')
    await page.locator('[name=ends]').fill(inDays(7))
    await page.locator('[name=ends]').blur()
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await page.getByText('never a text or a list').waitFor()
    page.complaints.length = 0
    await picture(page, 'restrictions-refused')
    await page.locator('[name=evidence]').fill(contact.id)
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await page.getByText('0 of 2 approved').waitFor()
    await page.getByText('The record says so now.').waitFor()
    await assertSound(page, 'restriction-proposed')
    await picture(page, 'restriction-proposed')
    assert.ok(!(await page.content()).includes('Invented Wang'), 'no name')
  })
  for (const who of ['bureau', 'county'])
    await as(who, async (page) => {
      await page.goto(`${server.address}/restrictions`)
      await page.getByText('your approval').waitFor()
      await page.getByRole('link', { name: 'Stay at home' }).click()
      await page.getByRole('button', { name: 'Approve', exact: true }).first().click()
      await page.locator('dialog').getByRole('button', { name: 'Approve', exact: true }).click()
      await page.getByText('Approved.').waitFor()
    })
})

test('the person reads what applies to them and why, and appeals', { skip }, async () => {
  await as('zhang', async (page) => {
    await page.goto(`${server.address}/restrictions?view=untold`)
    await page.getByRole('link', { name: 'Stay at home' }).click()
    await page.getByRole('button', { name: 'Notice' }).click()
    address = (await page.locator('.notice .mono').textContent()).trim()
    await page.getByRole('img', { name: "Code of the person's own page" }).waitFor()
    await assertSound(page, 'restriction-notice')
    await picture(page, 'restriction-notice')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Was told' }).click()
    await page.locator('dialog').getByRole('button', { name: 'Was told' }).click()
    await page.getByText('Written down.').waitFor()
  })
  assert.match(address, /\/public\/me#[\w-]{24}$/)
  person = await openPage(browser, { width: 360, height: 740 })
  await person.goto(address)
  await person.getByText('Applies now').waitFor()
  assert.ok(!person.url().includes('#'), 'the secret does not stay in the address')
  await person.getByText('Taigu CDC · Health bureau · County government').waitFor()
  await assertSound(person, 'mine-in-force')
  await picture(person, 'mine-in-force')
  const small = await person.evaluate(() => [...document.querySelectorAll('main button')].filter((one) => one.getBoundingClientRect().height < 44).length)
  assert.equal(small, 0, 'every button can be hit with a thumb')
  await person.getByRole('button', { name: 'I think this is wrong: appeal' }).click()
  await person.getByLabel('What is wrong?').fill('I was in hospital that day, ask ward 3')
  await person.getByRole('button', { name: 'Send the appeal' }).click()
  await person.getByText(/Answer by .*: 2[34] h/).waitFor()
  await assertSound(person, 'mine-appealed')
  await picture(person, 'mine-appealed')
})

test('without a network the last answer is there', { skip }, async () => {
  await person.evaluate(() => navigator.serviceWorker.ready)
  await person.context().setOffline(true)
  await person.reload()
  await person.getByText('There is no connection: this is the last answer.').waitFor()
  await person.getByText('Applies now').waitFor()
  await person.context().setOffline(false)
  person.complaints.length = 0
})

test('somebody who had no part in it hears them, and they are free', { skip }, async () => {
  await as('court', async (page) => {
    await page.goto(`${server.address}/restrictions?view=appeals`)
    await page.getByText('your answer').waitFor()
    await page.getByRole('link', { name: 'Stay at home' }).click()
    await page.getByText('I was in hospital that day, ask ward 3').waitFor()
    await page.getByRole('button', { name: 'Decide the appeal' }).click()
    await page.locator('[name=won]').selectOption('won')
    await page.locator('dialog [name=reason]').fill('Ward 3 confirms it')
    await page.locator('dialog').getByRole('button', { name: 'Decide the appeal' }).click()
    await page.getByText('lifted: appeal won').first().waitFor()
    await assertSound(page, 'restriction-won')
    await picture(page, 'restriction-won')
  })
  await person.getByRole('button', { name: 'Ask again' }).click()
  await person.getByText('Nothing restricts you.').waitFor()
  await person.getByText('You were right.').waitFor()
  await person.getByText('Ward 3 confirms it').waitFor()
  await assertSound(person, 'mine-won')
  await picture(person, 'mine-won')
  await person.getByRole('button', { name: '中文' }).click()
  await person.getByText('目前没有对您的限制。').waitFor()
  await person.getByText('您的申诉成立。').waitFor()
  await assertSound(person, 'mine-won-zh')
  await picture(person, 'mine-won-zh')
  await person.getByRole('button', { name: '从本机删除' }).click()
  assert.equal(await person.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('quell.public.me')).length), 0)
  await person.context().close()
})

test('a list of names is refused row by row, and the auditor sees that it was offered', { skip }, async () => {
  await as('zhang', async (page) => {
    await page.goto(`${server.address}/restrictions?list=new`)
    const rows = Array.from({ length: 40 }, (_, at) => `Depositor ${at},41010019800101${String(at).padStart(4, '0')},red_code,bank list`)
    const list = ['name,id_number,kind,reason', ...rows].join('\n')
    await page.locator('dialog input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(list) })
    await page.getByText('40 rows: 0 proposed, 40 refused.').waitFor()
    await assertSound(page, 'restrictions-list')
    await picture(page, 'restrictions-list')
  })
  await as('auditor', async (page) => {
    await page.goto(`${server.address}/restrictions/audit`)
    await page.getByText('No day has been drawn from yet.').waitFor()
    await page.getByText('restrict.row_person × 40').waitFor()
    assert.ok(!(await page.content()).includes('Depositor'))
    await assertSound(page, 'restrictions-audit')
    await picture(page, 'restrictions-audit')
  })
})
