// Starts the real program on an empty database and a free port, and stops that very process afterwards.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The program under test: QUELL_BIN, or what `cargo build` made. */
export const binary =
  process.env.QUELL_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/quell')

/** Why browser tests cannot run here, or null when they can. */
export function missing() {
  if (!existsSync(binary)) return `no program at ${binary}: build it with cargo, or name it in QUELL_BIN`
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(chromium)) return `no browser at ${chromium}: install chromium, or name it in CHROMIUM`
  return null
}

/** Runs `quell serve` with `more` arguments until `stop()`. `address` is where it listens; `setup` is the
 * address of the first run when there is no account yet; `lines` is all it printed (demo accounts, for
 * instance). */
export async function startServer(...more) {
  const folder = mkdtempSync(join(tmpdir(), 'quell-browser-'))
  const program = spawn(
    binary,
    ['serve', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0', ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const lines = []
  let complaints = ''
  program.stderr.on('data', (part) => (complaints += part))
  const gone = new Promise((done) => program.once('exit', done))

  async function stop() {
    program.kill('SIGTERM')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }

  const server = { address: '', setup: null, lines, stop }
  await new Promise((ready, failed) => {
    gone.then((code) =>
      failed(new Error(`quell serve ended with ${code}: ${complaints || lines.join('\n')}`)),
    )
    createInterface({ input: program.stdout }).on('line', (line) => {
      lines.push(line)
      const listening = /^Listening on (http:\/\/\S+)/.exec(line)
      if (listening) {
        server.address = listening[1].replace(/\/$/, '')
        // What follows this line (the setup address) is printed at once; one turn of the loop lets it arrive.
        waitForAnswer(server.address).then(ready, failed)
      }
      const setup = /(http:\/\/\S+\/\?setup=\S+)/.exec(line)
      if (setup) server.setup = setup[1]
    })
  })
  return server
}

async function waitForAnswer(address) {
  const answer = await fetch(`${address}/api/state`)
  if (!answer.ok) throw new Error(`${address}/api/state answered ${answer.status}`)
}
