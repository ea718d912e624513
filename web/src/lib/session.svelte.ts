// Who is signed in, and what they may do. Loaded once at the start and replaced by every answer that carries
// it.

import { onOtherSession, onSignedOut, session as door } from './api'
import type { Account, State } from './contract'
import { today, type Day } from './day'
import { draftsOf, forgetDrafts } from './draft'
import { forgetSaid } from './shelf'

const held = $state<{ state: State | null; kept: boolean }>({ state: null, kept: false })

const leaving: (() => Promise<void>)[] = []

/** Does `forget` when somebody signs out. */
export function onLeaving(forget: () => Promise<void>) {
  leaving.push(forget)
}

/** Whatever the answer, the drafts in this tab are those of whoever is here. */
function hold(state: State) {
  if (state.account) draftsOf(state.account.id)
  held.state = state
}

export const session = {
  get state(): State | null {
    return held.state
  },
  get account(): Account | null {
    return held.state?.account ?? null
  },
  /** Hides what the server would refuse anyway; the server decides. `a|b`: either will do. */
  may(permission: string): boolean {
    const held_ = held.state?.account?.permissions ?? []
    return permission === '' || permission.split('|').some((one) => held_.includes(one))
  },
  /** The server's day, so that a form in a replay of February 2022 starts in February 2022. */
  get today(): Day {
    return held.state?.today ?? today()
  },
  /** Nobody answered: who is here is known from the last time, and nothing can be sent yet. */
  get kept(): boolean {
    return held.kept
  },
  /** `hurry`: what was known before will do while the server is busy. */
  async load(hurry = false) {
    hold(await door.state(hurry))
    held.kept = false
  },
  take(state: State) {
    hold(state)
    held.kept = false
  },
  /** Opens a page that works without a connection as the last session left it. */
  takeKept(state: State) {
    hold({ ...state, csrf: null })
    held.kept = true
  },
  /** Asks the server again: a factor was set up or taken away. */
  async again() {
    hold(await door.state())
  },
  /** Whoever offers this asks first when something is unsent: see `parts/SignOut.svelte`. */
  async signOut() {
    await door.signOut()
    // A draft may hold a person's name: it must not wait for the next reader of this screen.
    forgetDrafts()
    for (const forget of leaving) await forget()
    await forgetSaid()
    hold(await door.state())
  },
}

onOtherSession(() => void session.load())

onSignedOut(() => {
  if (held.state?.account) held.state = { ...held.state, account: null, csrf: null }
})
