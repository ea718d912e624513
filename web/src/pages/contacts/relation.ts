// How two people stand to each other: lists and the replay use some short English words again and again, which are shown in
// the reader's language; whatever else was written is shown as it was written.

import { t } from '../../lib/words.svelte'

export function relationText(relation: string | null | undefined): string {
  if (!relation) return ''
  const words = t(`contacts.relation.${relation.toLowerCase()}`)
  return words.startsWith('contacts.relation.') ? relation : words
}
