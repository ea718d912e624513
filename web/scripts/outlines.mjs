// Writes src/generated/outlines.json: the outlines of Shanxi's prefectures out of the echarts 4.9.0 package
// on npm (map/json/province/shanxi.json, Apache License 2.0, the Apache Software Foundation), the last
// release that carried maps. They are a backdrop for orientation until an installation imports its own
// boundaries.
//
// The file keeps coordinates as text ("UTF8 encoding" in the map files' own words): each pair of characters
// is one point, 64 is taken off the code, the value is zigzag-coded (sign in the lowest bit), added to the
// point before, and stands for 1/1024 of a degree. The first point of a ring starts from the ring's
// `encodeOffsets`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const source = createRequire(import.meta.url).resolve('echarts-outlines/map/json/province/shanxi.json')
const target = fileURLToPath(new URL('../src/generated/outlines.json', import.meta.url))

function decodeRing(text, [startX, startY]) {
  const ring = []
  let [x, y] = [startX, startY]
  for (let at = 0; at + 1 < text.length; at += 2) {
    x += zigzag(text.charCodeAt(at) - 64)
    y += zigzag(text.charCodeAt(at + 1) - 64)
    const point = [round(x / 1024), round(y / 1024)]
    const before = ring.at(-1)
    if (!before || Math.hypot(before[0] - point[0], before[1] - point[1]) >= 0.025) ring.push(point)
  }
  return ring
}

const zigzag = (value) => (value >> 1) ^ -(value & 1)
// Two decimals are about 1 km, a third of a pixel in the drawing; points that fall together are dropped.
const round = (value) => Math.round(value * 100) / 100

const map = JSON.parse(readFileSync(source, 'utf8'))
const outlines = map.features.map(({ id, properties, geometry }) => {
  const { coordinates, encodeOffsets, type } = geometry
  const rings =
    type === 'MultiPolygon'
      ? coordinates.flatMap((polygon, p) => polygon.map((ring, r) => decodeRing(ring, encodeOffsets[p][r])))
      : coordinates.map((ring, r) => decodeRing(ring, encodeOffsets[r]))
  return { code: String(id ?? properties.id), zh: properties.name, rings }
})

mkdirSync(new URL('../src/generated/', import.meta.url), { recursive: true })
writeFileSync(target, JSON.stringify(outlines))
