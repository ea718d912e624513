// Writes service workers beside the built pages: field-worker.js opens the pages below /field without a connection, public-worker.js
// those for anybody that need none. Each keeps the files its pages are made of and nothing else; what the server says (/api) never
// goes through it.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin, Rolldown } from 'vite'

const SOURCE = new URL('./field_worker.source.js', import.meta.url)

/** Every file that a page needs before it runs or fetches later (a reader of barcodes): what it imports, and its styles. Of
 * the entry only what it needs before it runs: later it fetches the whole console. */
function needed(bundle: Rolldown.OutputBundle, entry: string, pages: string[]): string[] {
  const found = new Set<string>()
  const visit = (name: string, later: boolean) => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || found.has(name)) return
    found.add(name)
    for (const file of chunk.viteMetadata?.importedCss ?? []) found.add(file)
    for (const file of chunk.imports) visit(file, later)
    if (later) for (const file of chunk.dynamicImports) visit(file, later)
  }
  visit(entry, false)
  pages.forEach((page) => visit(page, true))
  return [...found].sort()
}

interface Held {
  /** `field`: the file is field-worker.js. */
  name: string
  /** Under which address the page itself is fetched. */
  shell: string
  /** Addresses it opens; none: all below its scope. */
  paths?: string[]
  /** The sources of the pages that work offline. */
  pages: string[]
}

/** A plugin for the build. */
export function offlineWorker({ name, shell, paths = [], pages }: Held): Plugin {
  return {
    name: `quell-${name}-worker`,
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
        const one = (what: string, is: (chunk: Rolldown.OutputChunk) => boolean) => {
          const found = chunks.filter(is)
          if (found.length !== 1) throw new Error(`${name} worker: expected one chunk of ${what}, found ${found.length}`)
          return found[0]!.fileName
        }
        const entry = one('the entry', (chunk) => chunk.isEntry)
        const files = needed(bundle, entry, pages.map((page) => one(page, (chunk) => chunk.facadeModuleId?.endsWith(page) ?? false)))
        const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12)
        const source = readFileSync(SOURCE, 'utf8')
          .replace("'NAME'", JSON.stringify(name))
          .replace("'VERSION'", JSON.stringify(version))
          .replace("'SHELL_PATH'", JSON.stringify(shell))
          .replace("['PATHS']", JSON.stringify(paths))
          .replace("['FILES']", JSON.stringify(files.map((file) => `/${file}`)))
        this.emitFile({ type: 'asset', fileName: `${name}-worker.js`, source })
      },
    },
  }
}
