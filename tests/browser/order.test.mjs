// One order from its proposal to its end, and one person under it: the county proposes, the prefecture approves, people are told, one
// appeals and wins and is told that they are free, and the order lapses by itself.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, byName, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false
const TAIGU = '14/1407/140703'
const HOUR = 3_600_000
const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const PEOPLE = {
  cdc: { login: 'zhang', name: 'Zhang Invented', password: 'a kettle sings at dawn', role: 'epidemiologist', organisation: 'Taigu CDC', territory: TAIGU },
  county: { login: 'sun', name: 'Sun Invented', password: 'slow snow on a tin roof', role: 'commander', organisation: 'Taigu government', territory: TAIGU },
  bureau: { login: 'qian', name: 'Qian Invented', password: 'four lanterns over the ford', role: 'commander', organisation: 'Health bureau', territory: TAIGU },
  prefecture: { login: 'wu', name: 'Wu Invented', password: 'the last ferry waits at noon', role: 'commander', organisation: 'Jinzhong government', territory: '14/1407' },
  court: { login: 'li', name: 'Li Invented', password: 'nine plums in a blue bowl', role: 'data_officer', organisation: 'Justice bureau', territory: TAIGU },
}
const ENDS_IN = 60_000

let server, browser, person, restriction, measure, ends
const pages = {}

before(async () => {
  if (skip) return
  server = byName(await startServer())
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  for (const who of Object.values(PEOPLE))
    await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...who })
  await admin.context().close()
  for (const who of Object.keys(PEOPLE)) {
    pages[who] = await openPage(browser)
    await signIn(pages[who], server, PEOPLE[who])
  }
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const send = (who, name, body) => sendChange(pages[who], name, { id: makeId('change'), ...body })
const today = () => new Date(Date.now() + 8 * HOUR).toISOString().slice(0, 10)

async function acts(page, act, words) {
  await page.getByRole('button', { name: act, exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  if (words) await dialog.getByRole('textbox').last().fill(words)
  await dialog.getByRole('button', { name: act, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
}

test('the county proposes and decides, the prefecture approves, and each sees on the situation page what waits for them', { skip }, async () => {
  const { cdc, county, prefecture } = pages
  ends = Date.now() + ENDS_IN
  measure = makeId('measure')
  await send('cdc', 'propose-measure', {
    measure, kind: 'stop_market', article: 'cn-idl-2025/emergency-measures', government: TAIGU, territory: TAIGU, place: 'Bell Street market',
    reason: 'two stall holders infected', affected: 42_000, starts: Date.now(), ends, lift: ['no_new_cases'], duties: ['subsistence'],
  })
  await county.goto(server.address)
  await county.getByRole('link', { name: '1 order to answer' }).click()
  await county.getByRole('link', { name: 'Bell Street market' }).or(county.getByText('Bell Street market')).first().waitFor()
  await county.goto(`${server.address}/control/measures/${measure}`)
  await acts(county, 'Decide: yes')
  await prefecture.goto(server.address)
  await prefecture.getByRole('link', { name: '1 order to answer' }).waitFor()
  await picture(prefecture, 'order-waits')
  await assertSound(prefecture, 'what waits')
  await prefecture.goto(`${server.address}/control/measures/${measure}`)
  await acts(prefecture, 'Approve')
  await county.reload()
  await acts(county, 'Announce')
  await county.goto(server.address)
  await county.getByRole('heading', { name: 'Ends within 72 hours' }).waitFor()
  await picture(county, 'order-ends-soon')
  await county.getByRole('button', { name: '中文' }).click()
  await county.getByRole('heading', { name: '72 小时内到期' }).waitFor()
  await picture(county, 'order-ends-soon-zh')
  await county.getByRole('button', { name: 'English' }).click()
  await cdc.goto(`${server.address}/control/measures/${measure}`)
  await cdc.getByText('in force', { exact: true }).first().waitFor()
})

test('everybody reads it, and one person is told of what applies to them', { skip }, async () => {
  person = await openPage(browser, { width: 360, height: 740 })
  await person.goto(`${server.address}/public/rules`)
  await person.getByLabel('Place').selectOption(TAIGU)
  await person.getByText('Bell Street market').waitFor()
  const [source, contact, subject] = [makeId('case'), makeId('contact'), makeId('subject')]
  restriction = makeId('restriction')
  await send('cdc', 'report-case', {
    case: source, subject: makeId('subject'), case_no: 'C1', disease: 'covid-19-delta', territory: TAIGU, classification: 'confirmed', dates: {},
  })
  await send('cdc', 'add-contact', { contact, subject, source_case: source, territory: TAIGU, class: 'close', last_exposure: today() })
  await send('cdc', 'propose-restriction', {
    restriction, subject, kind: 'home', reason: 'contact', evidence: contact, article: 'cn-idl-2025-isolation', begins: Date.now(),
    ends: Date.now() + 48 * HOUR,
  })
  for (const who of ['bureau', 'county']) await send(who, 'approve-restriction', { restriction })
  const { cdc } = pages
  await cdc.goto(server.address)
  await cdc.getByRole('link', { name: '1 person to tell of a restriction' }).click()
  await cdc.getByRole('link', { name: 'Stay at home' }).click()
  await cdc.getByRole('button', { name: 'Notice' }).click()
  const address = (await cdc.locator('.notice .mono').textContent()).trim()
  await cdc.getByRole('button', { name: 'Close' }).click()
  await cdc.getByRole('button', { name: 'Was told', exact: true }).click()
  await cdc.locator('dialog').getByRole('button', { name: 'Was told', exact: true }).click()
  await cdc.getByText('Written down.').waitFor()
  await person.goto(address)
  await person.getByText('Applies now').waitFor()
})

test('they appeal and win, and are told that they are free', { skip }, async () => {
  await person.getByRole('button', { name: 'I think this is wrong: appeal' }).click()
  await person.getByLabel('What is wrong?').fill('I was in hospital that day, ask ward 3')
  await person.getByRole('button', { name: 'Send the appeal' }).click()
  await person.getByText(/Answer by .*: 2[34] h/).waitFor()
  const { cdc, court } = pages
  await court.goto(`${server.address}/restrictions?view=appeals`)
  await court.getByRole('link', { name: 'Stay at home' }).click()
  await court.getByRole('button', { name: 'Decide the appeal' }).click()
  await court.locator('[name=won]').selectOption('won')
  await court.locator('dialog [name=reason]').fill('Ward 3 confirms it')
  await court.locator('dialog').getByRole('button', { name: 'Decide the appeal' }).click()
  await court.getByText('lifted: appeal won').first().waitFor()
  await cdc.goto(server.address)
  await cdc.getByRole('link', { name: '1 person to tell that they are free' }).click()
  await cdc.getByRole('link', { name: 'Stay at home' }).waitFor()
  await picture(cdc, 'order-freed')
  await assertSound(cdc, 'free, and not told')
  await cdc.getByRole('link', { name: 'Stay at home' }).click()
  await cdc.getByRole('button', { name: 'Notice' }).click()
  await cdc.getByRole('heading', { name: '限制解除通知书 · Notice that a restriction is over' }).waitFor()
  await cdc.getByText('You need not keep to it any more.', { exact: false }).waitFor()
  await picture(cdc, 'order-free-notice')
  await assertSound(cdc, 'the notice that it is over')
  await cdc.getByRole('button', { name: 'Close' }).click()
  await cdc.getByRole('button', { name: 'Was told it is over' }).click()
  await cdc.locator('dialog').getByRole('button', { name: 'Was told it is over' }).click()
  await cdc.getByText('they know that they are free', { exact: false }).waitFor()
  await cdc.goto(`${server.address}/restrictions?view=freed`)
  await cdc.getByText('Everybody whose restriction ended early has been told.').waitFor()
  await person.getByRole('button', { name: 'Ask again' }).click()
  await person.getByText('Nothing restricts you.').waitFor()
  await person.getByText('lifted: your appeal was upheld').waitFor()
  await picture(person, 'order-free')
  await assertSound(person, 'the own page, free')
})

test('the order lapses by itself', { skip }, async () => {
  await person.goto(`${server.address}/public/rules`)
  await person.waitForFunction(
    () => {
      ;[...document.querySelectorAll('button')].find((one) => one.textContent === 'Look again')?.click()
      return document.body.textContent.includes('No order is in force at this place.')
    },
    undefined,
    { polling: 1_000, timeout: ENDS_IN + 60_000 },
  )
  assert.ok(Date.now() >= ends, 'and not before')
  await pages.county.goto(`${server.address}/control/measures/${measure}`)
  await pages.county.getByText('lapsed', { exact: true }).waitFor()
  await picture(pages.county, 'order-lapsed')
})
