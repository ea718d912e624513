// Rosters of monitored occupations: a table is looked at, then written; who is overdue stands on the list; a worker leaves the loop and
// a task asks for them to be followed; the situation says how many tasks are late, and where.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertSound, firstRun, makeId, openPage, picture, sendChange, signIn, startBrowser } from './browser.mjs'
import { missing, startServer } from './server.mjs'

const skip = missing() ?? false

const ADMIN = { login: 'admin', name: 'Invented Administrator', password: 'seven quiet herons wade' }
const CHIEF = { login: 'chief', name: 'Chief Invented', password: 'a kettle sings at dawn' }
const TAIGU = '14/1407/140703'

let server, browser, chief

/** As many days ago as the house's calendar has it. */
const ago = (days) => new Date(Date.now() + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10)

const ROSTER = `姓名,证件号,单位,类别,是否闭环,起始日期,最近检测
艾达,E0001,三号冷库,cold_chain,是,${ago(30)},${ago(1)}
博,E0002,三号冷库,cold_chain,是,${ago(30)},${ago(6)}
塞,E0003,东市场,dense_and_mobile,否,${ago(30)},
迪,E0004,东市场,dancer,否,${ago(30)},
`

before(async () => {
  if (skip) return
  server = await startServer()
  browser = await startBrowser()
  const admin = await openPage(browser)
  await firstRun(admin, server, ADMIN)
  await sendChange(admin, 'create-account', { id: makeId('change'), account: makeId('account'), ...CHIEF, role: 'epidemiologist', territory: TAIGU, organisation: 'Taigu CDC' })
  await admin.context().close()
  chief = await openPage(browser, { width: 1280, height: 900 })
  await signIn(chief, server, CHIEF)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a table is looked at, then written, and whoever is overdue stands on the list', { skip }, async () => {
  await chief.goto(`${server.address}/rosters`)
  await chief.getByText('Nobody is overdue under this edition.').waitFor()
  await assertSound(chief, 'no roster yet')
  await chief.getByRole('button', { name: 'Take over a table' }).click()
  const dialog = chief.getByRole('dialog')
  await dialog.locator('input[type=file]').setInputFiles({ name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(ROSTER) })
  await dialog.getByRole('button', { name: 'Write 3' }).waitFor()
  await dialog.getByText('there is no such occupation in the pack', { exact: false }).waitFor()
  await assertSound(chief, 'a table of workers')
  await picture(chief, 'rosters-table')
  await dialog.getByRole('button', { name: 'Write 3' }).click()
  await dialog.getByText('amended', { exact: false }).first().waitFor()
  await dialog.getByRole('button', { name: 'Write 3' }).waitFor({ state: 'detached' })
  await chief.keyboard.press('Escape')
  await chief.getByText('2 tests overdue').waitFor()
  assert.ok(!(await chief.locator('body').innerText()).includes('艾达'), 'nobody is named in a list')
  await assertSound(chief, 'rosters')
  await picture(chief, 'rosters-en')
})

test('a test told by hand takes them off the list; whoever leaves the loop is a task', { skip }, async () => {
  await chief.getByRole('button', { name: 'Everybody, not only who is overdue' }).click()
  await chief.getByRole('row').filter({ hasText: 'late' }).getByRole('button', { name: 'Leaves the loop' }).click()
  await chief.getByText('1 left a closed loop', { exact: false }).waitFor()
  await chief.getByRole('row').filter({ hasText: '东市场', has: chief.getByRole('button', { name: 'Strike off' }) }).getByRole('button', { name: 'Strike off' }).click()
  const dialog = chief.getByRole('dialog')
  await dialog.getByText('no longer works there', { exact: false }).waitFor()
  await assertSound(chief, 'striking somebody off')
  await dialog.getByRole('button', { name: 'Strike off' }).click()
  await chief.getByText('0 tests overdue').waitFor()
  await chief.goto(`${server.address}/tasks`)
  await chief.getByRole('link', { name: 'Begin to follow somebody who left a closed loop' }).click()
  await chief.getByRole('link', { name: 'Open it' }).waitFor()
  await assertSound(chief, 'a task a room wants done')
  await picture(chief, 'tasks-wanted')
  await chief.getByRole('link', { name: 'Open it' }).click()
  await chief.getByRole('button', { name: 'One person only; show all' }).waitFor()
  await chief.getByRole('button', { name: 'Show identity' }).click()
  await chief.getByRole('dialog').getByRole('button', { name: 'Write to the journal and open' }).waitFor()
  await assertSound(chief, 'whom a task of the rosters is about')
})

test('the same in Chinese, and the situation says what is open', { skip }, async () => {
  await chief.goto(`${server.address}/`)
  await chief.getByRole('link', { name: 'Who has not delivered' }).waitFor()
  await chief.getByRole('link', { name: '1 open, none late' }).waitFor()
  await assertSound(chief, 'the situation with its tasks')
  await picture(chief, 'situation-tasks-en')
  await chief.getByRole('button', { name: '中文' }).first().click()
  await chief.getByRole('link', { name: '谁未按时完成' }).waitFor()
  await picture(chief, 'situation-tasks-zh')
  await chief.goto(`${server.address}/rosters`)
  await chief.getByRole('button', { name: '中文' }).first().click()
  await chief.getByText('0 人逾期未检').waitFor()
  await assertSound(chief, 'rosters in Chinese')
  await picture(chief, 'rosters-zh')
  await chief.goto(`${server.address}/tasks`)
  await chief.getByRole('button', { name: '中文' }).first().click()
  await chief.getByRole('link', { name: '随访离开闭环的人员' }).first().waitFor()
  await picture(chief, 'tasks-list-zh')
  await chief.goto(`${server.address}/tasks/delivered`)
  await chief.getByRole('button', { name: '中文' }).first().click()
  await chief.getByRole('heading', { name: '谁', exact: false }).first().waitFor()
  await picture(chief, 'tasks-delivered-zh')
})
