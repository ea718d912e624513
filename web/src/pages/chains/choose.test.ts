import { expect, test } from 'vitest'
import type { Chains } from '../../lib/contract'
import { choose } from './choose'

const person = (id: string, generation: number) => ({
  id, no: id, day: null, day_kind: null, classification: 'confirmed', found: null, territory: '', place: '', generation,
  cluster: 0, sex: null, age: null, age_band: null,
})
const chains: Chains = {
  nodes: [person('a', 0), person('b', 1), person('c', 2), person('d', 0)],
  links: [
    { id: '1', from: 'a', to: 'b', evidence: 'named', relation: null },
    { id: '2', from: 'b', to: 'c', evidence: 'text', relation: null },
  ],
  serial: null, offspring: { mean: 1, k: null, max: 1, share_top_20: null }, clusters: 1, open_ends: 2, dangling: 0,
}
const numbers = (choice: Parameters<typeof choose>[1]) => choose(chains, choice).nodes.map((node) => node.id)

test('a generation limit keeps those before it and drops links that lost an end', () => {
  const drawn = choose(chains, { generation: 1, evidence: null, who: '' })
  expect(drawn.nodes.map((node) => node.id)).toEqual(['a', 'b', 'd'])
  expect(drawn.links.map((link) => link.id)).toEqual(['1'])
})

test('without a kind of evidence its infectees become open ends', () => {
  expect(numbers({ generation: null, evidence: ['named'], who: 'ends' })).toEqual(['a', 'c', 'd'])
})

test('only the linked leaves out who stands alone', () => {
  expect(numbers({ generation: null, evidence: null, who: 'linked' })).toEqual(['a', 'b', 'c'])
})
