// A link between two cases that somebody confirms with one press, and may take back.

import { change, failureOf } from '../../lib/api'
import { makeId } from '../../lib/id'
import { live } from '../../lib/live.svelte'
import { toasts } from '../../lib/toast.svelte'
import { t } from '../../lib/words.svelte'

export interface Confirmed {
  from: string
  to: string
  evidence: 'text' | 'overlap'
  relation: string | null
}

/** Its ids are made once: pressed again after a lost answer it is the same link. */
export async function confirmLink(link: Confirmed) {
  await repeatable('link-cases', { id: makeId('change'), link: makeId('link'), ...link }, (sent) =>
    toasts.done(t('tracing.confirmed'), () => void unlink(sent.link)),
  )
}

async function unlink(link: string) {
  await repeatable('unlink-cases', { id: makeId('change'), link, reason: t('tracing.undo_reason') }, () => {})
}

async function repeatable<Body extends Record<string, unknown>>(name: 'link-cases' | 'unlink-cases', body: Body, done: (body: Body) => void) {
  try {
    await change(name, body)
    live.refresh()
    done(body)
  } catch (error) {
    const failure = failureOf(error)
    toasts.failed(failure.words(), failure.passing ? () => void repeatable(name, body, done) : undefined)
  }
}
