// What the program is made of, as CycloneDX 1.5 on standard output: every crate linked into it, and every package its pages
// are built with. From Cargo.lock and package-lock.json alone, sorted, dated by the commit: the same commit gives the same
// bytes, wherever and whenever it is asked.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })

const host = process.env.QUELL_TARGET ?? /^host: (.*)$/m.exec(run('rustc', '-vV'))[1]

/** Crates below `quell`, without those that only tests use. A build script's own crates are marked as not shipped. */
function crates() {
  const told = JSON.parse(
    run('cargo', 'metadata', '--format-version', '1', '--locked', '--filter-platform', host),
  )
  const packages = new Map(told.packages.map((one) => [one.id, one]))
  const nodes = new Map(told.resolve.nodes.map((node) => [node.id, node]))
  const first = told.packages.find((one) => one.name === 'quell').id
  const shipped = below(nodes, [first], (kind) => kind === null)
  const all = below(nodes, [first], (kind) => kind !== 'dev')
  const sums = checksums()
  const ref = (id) => `pkg:cargo/${packages.get(id).name}@${packages.get(id).version}`
  const components = [...all]
    .filter((id) => id !== first)
    .map((id) => {
      const { name, version, license, source } = packages.get(id)
      const sum = sums.get(`${name} ${version}`)
      return {
        type: 'library',
        'bom-ref': ref(id),
        name,
        version,
        scope: shipped.has(id) ? 'required' : 'excluded',
        ...(license && { licenses: [{ expression: license.replaceAll('/', ' OR ') }] }),
        ...(sum && { hashes: [{ alg: 'SHA-256', content: sum }] }),
        // Ours have no place in a registry.
        ...(source && { purl: ref(id) }),
      }
    })
  const dependencies = [...all].map((id) => ({
    ref: ref(id),
    dependsOn: [...new Set(uses(nodes.get(id), (kind) => kind !== 'dev').map(ref))].sort(),
  }))
  return { version: packages.get(first).version, ref: ref(first), components, dependencies }
}

const uses = (node, wanted) =>
  node.deps.filter((dep) => dep.dep_kinds.some(({ kind }) => wanted(kind))).map((dep) => dep.pkg)

function below(nodes, waiting, wanted) {
  const met = new Set(waiting)
  while (waiting.length > 0) {
    for (const next of uses(nodes.get(waiting.pop()), wanted)) {
      if (!met.has(next)) {
        met.add(next)
        waiting.push(next)
      }
    }
  }
  return met
}

function checksums() {
  const lock = readFileSync(`${root}/Cargo.lock`, 'utf8')
  const entry = /name = "(.*)"\nversion = "(.*)"\nsource = ".*"\nchecksum = "(.*)"/g
  return new Map([...lock.matchAll(entry)].map(([, name, version, sum]) => [`${name} ${version}`, sum]))
}

/** All are marked as not shipped: what of them is in the page was compiled into it. */
function packages() {
  const lock = JSON.parse(readFileSync(`${root}/web/package-lock.json`, 'utf8'))
  const named = Object.entries(lock.packages).filter(([place]) => place !== '')
  const components = named.map(([place, { name, version, license, integrity }]) => {
    const called = name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const purl = `pkg:npm/${called.replace('@', '%40')}@${version}`
    const sum = /^sha512-(.*)$/.exec(integrity ?? '')
    return {
      type: 'library',
      'bom-ref': purl,
      name: called,
      version,
      scope: 'excluded',
      ...(license && { licenses: [{ expression: license }] }),
      ...(sum && { hashes: [{ alg: 'SHA-512', content: Buffer.from(sum[1], 'base64').toString('hex') }] }),
      purl,
    }
  })
  return [...new Map(components.map((one) => [one['bom-ref'], one])).values()]
}

const sorted = (list, key) => list.sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0))

const { version, ref, components, dependencies } = crates()
const parts = sorted([...components, ...packages()], 'bom-ref')
const digest = createHash('sha256').update(JSON.stringify([version, parts])).digest('hex')
// A UUID of version 8 (RFC 9562, 5.8), drawn from what is listed.
const serial = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`
const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? run('git', 'log', '-1', '--format=%ct').trim())

const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${serial}`,
  version: 1,
  metadata: {
    timestamp: new Date(seconds * 1000).toISOString(),
    component: {
      type: 'application',
      'bom-ref': ref,
      name: 'quell',
      version,
      licenses: [{ expression: 'Apache-2.0' }],
    },
  },
  components: parts,
  dependencies: sorted(dependencies, 'ref'),
}
process.stdout.write(`${JSON.stringify(bom, null, 1)}\n`)
