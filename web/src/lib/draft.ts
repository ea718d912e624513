// What somebody typed and has not sent yet, kept in this tab until it is sent or the person signs out.
// Passwords are never kept: a password field does not ask for a draft.

const PREFIX = 'quell.draft.'

export function keptDraft<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(PREFIX + key)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

export function keepDraft(key: string, value: unknown) {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // Storage may be full or forbidden; the form still holds the text as long as the page is open.
  }
}

export function dropDraft(key: string) {
  try {
    sessionStorage.removeItem(PREFIX + key)
  } catch {
    // Nothing was kept.
  }
}

/** The drafts of one form, all fields, once it is sent. */
export function dropForm(form: string) {
  forget(`${PREFIX}${form}.`)
}

export function forgetDrafts() {
  forget(PREFIX)
}

function forget(prefix: string) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
