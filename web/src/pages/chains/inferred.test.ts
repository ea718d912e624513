import { expect, test } from 'vitest'
import type { Chains } from '../../lib/contract'
import { strength, withInferred } from './inferred'

const person = (id: string) => ({
  id, no: id, day: null, day_kind: null, classification: 'confirmed', found: null, territory: '', place: '', generation: 0,
  cluster: 0, sex: null, age: null, age_band: null,
})
const chains: Chains = {
  nodes: [person('a'), person('b'), person('c')],
  links: [{ id: '1', from: 'a', to: 'b', evidence: 'named', relation: null }],
  serial: null, offspring: null, clusters: 1, open_ends: 2, dangling: 0,
}

test('what people recorded stands; the model only fills what nobody recorded', () => {
  const inferred = {
    ready: true as const, converged: true, rhat: 1.01, note: null,
    links: [
      { from: 'a', to: 'b', p: 0.9 },
      { from: 'b', to: 'a', p: 0.3 },
      { from: 'b', to: 'c', p: 0.6 },
      { from: 'a', to: 'c', p: 0.2 },
      { from: 'x', to: 'c', p: 0.9 },
    ],
  }
  const links = withInferred(chains, inferred, 0.25).links
  expect(links.map((link) => [link.from, link.to, link.evidence, link.p])).toEqual([
    ['a', 'b', 'named', undefined],
    ['b', 'c', 'inferred', 0.6],
  ])
  expect(withInferred(chains, inferred, 0.1).links.length).toBe(3)
})

test('a line is as strong as it is probable', () => {
  expect([undefined, 0.8, 0.5, 0.2].map(strength)).toEqual([1, 0.95, 0.7, 0.45])
})
