import { expect, test } from 'vitest'
import { readSettings, writeSettings } from './settings'

test('settings are read as numbers, truths and words', () => {
  expect(readSettings('alpha = 0.01\n\n# a remark\ntrend=true\nfamily = "poisson"\nyears_back ＝ 3')).toEqual({
    settings: { alpha: 0.01, trend: true, family: 'poisson', years_back: 3 },
  })
  expect(readSettings('')).toEqual({ settings: {} })
})

test('the line that is no setting is named', () => {
  expect(readSettings('alpha = 0.01\nmore careful please')).toEqual({ wrong: 2 })
})

test('what is written is read back the same', () => {
  const settings = { alpha: 0.05, trend: false, family: 'poisson' }
  expect(readSettings(writeSettings({ detector: 'farrington', ...settings }))).toEqual({ settings })
})
