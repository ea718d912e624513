import { beforeEach, expect, test, vi } from 'vitest'
import { draftsOf, dropForm, forgetDrafts, keepDraft, keptDraft } from './draft'

/** The browser's store of one tab: what is kept are its own keys. */
class TabStore {
  [key: string]: unknown
}
Object.defineProperties(TabStore.prototype, {
  getItem: { value(this: TabStore, key: string) { return Object.hasOwn(this, key) ? this[key] : null } },
  setItem: { value(this: TabStore, key: string, text: string) { this[key] = text } },
  removeItem: { value(this: TabStore, key: string) { delete this[key] } },
})

beforeEach(() => {
  vi.stubGlobal('sessionStorage', new TabStore())
  draftsOf('account_wang')
})

test('what one person typed is neither found by the next in this tab nor kept for them', () => {
  keepDraft('interview.interview_1.onset', { value: '2022-02-20', basedOn: 0 })
  draftsOf('account_li')
  expect(keptDraft('interview.interview_1.onset')).toBeNull()
  expect(Object.keys(sessionStorage)).toEqual([])
})

test('the same person coming back after their session ran out finds it', () => {
  keepDraft('report-case.name', 'Invented')
  draftsOf('account_wang')
  expect(keptDraft('report-case.name')).toBe('Invented')
  forgetDrafts()
  expect(keptDraft('report-case.name')).toBeNull()
})

test('a form that is sent drops its own fields and no other form', () => {
  keepDraft('exposure.interview_1.told.identity.name', 'Invented Diner')
  keepDraft('exposure.interview_1.subject_2.identity.name', 'Invented Passenger')
  dropForm('exposure.interview_1.told')
  expect([keptDraft('exposure.interview_1.told.identity.name'), keptDraft('exposure.interview_1.subject_2.identity.name')]).toEqual([null, 'Invented Passenger'])
})
