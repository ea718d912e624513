// Writes field-worker.js beside the built pages: the service worker that opens /field without a connection. It keeps the
// files that page is made of and nothing else; what the server says (/api) never goes through it.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin, Rolldown } from 'vite'

const SOURCE = new URL('./field_worker.source.js', import.meta.url)

/** Every file that a chunk needs before it runs: what it imports, and its styles. */
function needed(bundle: Rolldown.OutputBundle, start: string[]): string[] {
  const found = new Set<string>()
  const visit = (name: string) => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || found.has(name)) return
    found.add(name)
    for (const file of chunk.viteMetadata?.importedCss ?? []) found.add(file)
    for (const file of chunk.imports) visit(file)
  }
  start.forEach(visit)
  return [...found].sort()
}

/** A plugin for the build; `page` is the source of the page that works offline. */
export function fieldWorker(page: string): Plugin {
  return {
    name: 'quell-field-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
        const start = chunks.filter((chunk) => chunk.isEntry || chunk.facadeModuleId?.endsWith(page))
        if (start.length !== 2) throw new Error(`field worker: expected the entry and ${page}, found ${start.length} chunks`)
        const files = needed(bundle, start.map((chunk) => chunk.fileName))
        const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12)
        const source = readFileSync(SOURCE, 'utf8')
          .replace("'VERSION'", JSON.stringify(version))
          .replace("['FILES']", JSON.stringify(files.map((file) => `/${file}`)))
        this.emitFile({ type: 'asset', fileName: 'field-worker.js', source })
      },
    },
  }
}
