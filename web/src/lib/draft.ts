// What somebody typed and has not sent yet, kept in this tab under their account until it is sent or they sign out: the next
// to sign in here finds none of it, and sends none of it.
// Passwords are never kept: a password field does not ask for a draft.

const PREFIX = 'quell.draft.'
let owner = ''
const own = (key: string) => `${PREFIX}${owner}.${key}`

/** Whose typing is kept from now on. What others left in this tab is forgotten. */
export function draftsOf(account: string) {
  owner = account
  forget((key) => !key.startsWith(own('')))
}

export function keptDraft<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(own(key))
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

export function keepDraft(key: string, value: unknown) {
  try {
    sessionStorage.setItem(own(key), JSON.stringify(value))
  } catch {
    // Storage may be full or forbidden; the form still holds the text as long as the page is open.
  }
}

export function dropDraft(key: string) {
  try {
    sessionStorage.removeItem(own(key))
  } catch {
    // Nothing was kept.
  }
}

/** The drafts of one form, all fields, once it is sent. */
export function dropForm(form: string) {
  forget((key) => key.startsWith(own(`${form}.`)))
}

export function forgetDrafts() {
  forget(() => true)
}

/** Of the drafts, those whose keys are meant. */
function forget(meant: (key: string) => boolean) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && meant(key)) sessionStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
