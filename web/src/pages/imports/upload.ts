// Sends a file and says how much of it has gone; `fetch` cannot tell that, so this is the old request object.

import { Failure, noAnswer } from '../../lib/api'
import type { ImportView } from '../../lib/contract'

export interface Sent {
  done: number
  total: number
}

/** The server takes no more (it answers 413); said before sending. */
export const LARGEST_BYTES = 200e6

export function tooLarge(file: File): Failure {
  const size = sizeText(file.size)
  return new Failure(
    413,
    'import.too_large',
    `文件为 ${size}，超过 200 MB 上限。请按年份或县区拆分，或在服务器上用命令行导入。`,
    `The file is ${size}, more than the 200 MB that are taken. Split it by year or county, or import it with the command line on the server.`,
  )
}

export function upload(
  file: File,
  event: string,
  csrf: string,
  onsent: (sent: Sent) => void,
  stop: AbortSignal,
): Promise<ImportView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const chosen = event ? `&event=${encodeURIComponent(event)}` : ''
    request.open('POST', `/api/imports?name=${encodeURIComponent(file.name)}${chosen}`)
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('x-quell-csrf', csrf)
    request.upload.onprogress = (now) => onsent({ done: now.loaded, total: now.total || file.size })
    request.onerror = () => reject(noAnswer())
    request.onabort = () => reject(new Failure(0, 'import.stopped', '上传已停止。', 'The upload was stopped.'))
    request.onload = () => {
      const said = answerOf(request)
      if (request.status < 300 && said) resolve(said as ImportView)
      else reject(failureOf(request.status, said))
    }
    stop.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

function answerOf(request: XMLHttpRequest): Record<string, any> | null {
  try {
    return JSON.parse(request.responseText)
  } catch {
    return null
  }
}

function failureOf(status: number, said: Record<string, any> | null): Failure {
  if (said?.code) return new Failure(status, said.code, said.zh, said.en, said.field ?? null)
  return new Failure(
    status,
    `http.${status}`,
    `服务器返回 ${status}，没有说明原因。`,
    `The server answered ${status} without saying why.`,
  )
}

/** Bytes as a person reads them: 1.4 MB. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}
