// The one door to the server: JSON in and out, the CSRF header on writes, failures as words, retries where a
// retry cannot do a thing twice (reads, and changes because their ids are made here).

import type { ChangeName, Paged, State } from './contract'
import * as c from './contract'
import { spread, waitInSight } from './busy.svelte'
import { makeId } from './id'
import type { VisitKind, VisitsAccount } from './fence'
import type { VerdictRow } from './lab_messages'
import type { ListAccount } from './restrictions'
import type { ListRead } from './lab'
import type { FileAccount } from './surveillance'
import { language } from './words.svelte'

export type Query = Record<string, string | number | boolean | null | undefined>

/** What went wrong, as the server said it in both languages; status 0 means that no answer came at all. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly zh: string,
    readonly en: string,
    readonly field: string | null = null,
    /** How long the server asks to be left alone. */
    readonly waitMs: number | null = null,
    /** About how many come before. */
    readonly before: number | null = null,
  ) {
    super(en)
  }

  /** The sentence for the person at the screen, in the language chosen now. */
  words(): string {
    return language() === 'zh' ? this.zh : this.en
  }

  /** Worth another try with the same content. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503
  }
}

export const noAnswer = () =>
  new Failure(
    0,
    'network.no_answer',
    '连接不上服务器。已填写的内容保留在本页，恢复后可重试。',
    'The server did not answer. What you typed is kept on this page; try again when the connection is back.',
  )

/** Any thrown thing as a Failure, so that pages have one kind of error to show. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure(-1, 'page.failed', `页面出错：${String(error)}`, `The page failed: ${String(error)}`)
}

let csrf: string | null = null
let signedOut: () => void = () => {}
let otherSession: () => void = () => {}
let stepUp: () => Promise<boolean> = async () => false

export function onSignedOut(listener: () => void) {
  signedOut = listener
}

/** Somebody else signed in through another tab: the page must show who it acts as before anything is sent
 * again. */
export function onOtherSession(listener: () => void) {
  otherSession = listener
}

/** The server wants to be sure who is there; the listener asks the person and says whether they showed it. */
export function onStepUp(listener: () => Promise<boolean>) {
  stepUp = listener
}

export function queryText(query: Query): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replaceAll('%2F', '/')}`)
  return parts.length ? `?${parts.join('&')}` : ''
}

interface Send {
  method?: string
  query?: Query
  body?: unknown
  raw?: BodyInit
  signal?: AbortSignal
  /** The answer is a file, not JSON. */
  file?: boolean
  /** A busy server is not waited for: whoever asks has something to go on with. */
  hurry?: boolean
  /** What `raw` is. */
  headers?: Record<string, string>
}

async function once<T>(path: string, what: Send): Promise<T> {
  const { method = 'GET', query = {}, body, raw, signal, file } = what
  const headers: Record<string, string> = { accept: 'application/json', ...what.headers }
  if (method !== 'GET' && csrf) headers['x-quell-csrf'] = csrf
  if (body !== undefined) headers['content-type'] = 'application/json'
  let answer: Response
  try {
    const content = body === undefined ? raw : JSON.stringify(body)
    answer = await fetch(path + queryText(query), { method, headers, body: content, signal })
  } catch (error) {
    if (signal?.aborted) throw error
    throw noAnswer()
  }
  if (answer.ok && file) return (await answer.text()) as T
  if (answer.ok) return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T)
  const failure = await failureFrom(answer)
  if (failure.code === 'access.signed_out') signedOut()
  if (failure.code === 'access.csrf') otherSession()
  // Asked once, wherever it is asked for; then the same request goes again.
  if (failure.code === 'access.step_up' && (await stepUp())) return once<T>(path, what)
  throw failure
}

async function failureFrom(answer: Response): Promise<Failure> {
  const seconds = Number(answer.headers.get('retry-after') ?? NaN)
  const waitMs = seconds >= 0 ? seconds * 1000 : null
  try {
    const said = await answer.json()
    return new Failure(answer.status, said.code, said.zh, said.en, said.field ?? null, waitMs, typeof said.before === 'number' ? said.before : null)
  } catch {
    return new Failure(
      answer.status,
      `http.${answer.status}`,
      `服务器返回 ${answer.status}，没有说明原因。`,
      `The server answered ${answer.status} without saying why.`,
      null,
      waitMs,
    )
  }
}

/** Three tries in about two seconds: enough for a restart of the server, short enough to tell the person
 * soon. */
const PAUSES_MS = [300, 1500]

/** A server that says when to come again is asked no sooner; a longer time than this is told instead of waited for. */
const LONGEST_WAIT_MS = 60_000

async function send<T>(path: string, what: Send): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await once<T>(path, what)
    } catch (error) {
      if (what.signal?.aborted || !(error instanceof Failure) || !error.passing || error.status === 429 || error.code === 'service.switched_off')
        throw error
      if (error.waitMs !== null && what.hurry) throw error
      if (error.waitMs === null) await new Promise((done) => setTimeout(done, spread(pause)))
      else if (error.waitMs > LONGEST_WAIT_MS || !(await waitInSight(spread(error.waitMs), error.before, what.signal))) throw error
    }
  }
  return once<T>(path, what)
}

async function state(what: Send, path: string): Promise<State> {
  const next = await (what.method ? once<State>(path, what) : send<State>(path, what))
  csrf = next.csrf
  return next
}

type Signal = AbortSignal | undefined

/** A GET that is none of the named ones below. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return send<T>(path, { query, signal })
}

/** Sends a change. Without an `id` in `body` one is made; give your own (kept with the draft) to retry the
 * same one. */
export async function change<T = Record<string, unknown>>(
  name: ChangeName,
  body: Record<string, unknown>,
): Promise<T> {
  const whole = { id: makeId('change'), ...body }
  const answer = await send<{ out: T }>(`/api/changes/${name}`, { method: 'POST', body: whole })
  return answer.out
}

/** What somebody says of their home, without signing in. */
export const tellSymptoms = (body: { id: string; county: string; symptoms: string[]; people: number }) =>
  send<{ told: boolean }>('/api/public/symptoms', { method: 'POST', body })

/** Many changes at once, a line each, and a line of answer for each. Whoever sends them knows when to send them again. */
export const sendLines = (path: string, raw: BodyInit, headers: Record<string, string>) =>
  once<string>(path, { method: 'POST', raw, headers, file: true })

/** A POST that does something and is not repeated by itself. */
export function write<T>(path: string, body: Record<string, unknown>): Promise<T> {
  return once<T>(path, { method: 'POST', body })
}

export const session = {
  state: (hurry = false) => state({ hurry }, '/api/state'),
  firstRun: (body: { setup_code: string; login: string; name: string; password: string; language: string }) =>
    state({ method: 'POST', body }, '/api/first-run'),
  /** In, or half in: then `code` is the second step. */
  signIn: async (login: string, password: string): Promise<State | c.HalfIn> => {
    const body = { login, password }
    const answer = await once<State | c.HalfIn>('/api/session', { method: 'POST', body })
    if ('csrf' in answer) csrf = answer.csrf
    return answer
  },
  code: (ticket: string, code: string) =>
    state({ method: 'POST', body: { ticket, code } }, '/api/session/code'),
  prove: (proof: { password: string } | { code: string }) =>
    state({ method: 'POST', body: proof }, '/api/session/prove'),
  signOut: () => once<void>('/api/session', { method: 'DELETE' }),
  breakGlass: (body: { territory: string; disease: string | null; reason: string; hours: number }) =>
    state({ method: 'POST', body }, '/api/glass'),
  actFor: (delegation: string | null) =>
    state({ method: 'POST', body: { delegation } }, '/api/session/acting'),
  purpose: (purpose: string) => state({ method: 'POST', body: { purpose } }, '/api/session/purpose'),
  password: (old: string, next: string) =>
    once<void>('/api/session/password', { method: 'POST', body: { old, new: next } }),
}

/** What somebody may do about their own account. */
export const own = {
  sessions: () => get<{ this: string; rows: c.OwnSession[] }>('/api/sessions'),
  factors: () => get<c.Factors>('/api/session/factors'),
  enrol: () => once<{ secret: string; address: string }>('/api/session/factors/totp', { method: 'POST', body: {} }),
  confirm: (code: string) =>
    once<{ recovery: string[] }>('/api/session/factors/totp/confirm', { method: 'POST', body: { code } }),
  removeTotp: () => once<void>('/api/session/factors/totp', { method: 'DELETE' }),
  newRecovery: () =>
    once<{ recovery: string[] }>('/api/session/factors/recovery', { method: 'POST', body: {} }),
}

/** Ways in besides a password. */
export const ways = {
  offered: () => get<c.Ways>('/api/ways'),
  passkeys: () => get<c.OwnPasskeys>('/api/passkeys'),
  linked: () => get<{ rows: c.LinkedRow[] }>('/api/linked'),
  of: (account: string) => get<c.WaysOfAccount>(`/api/accounts/${account}/ways`),
  askToAdd: () => once<c.Ceremony>('/api/passkeys/ask', { method: 'POST' }),
  askWho: () => once<c.Ceremony>('/api/session/passkey/ask', { method: 'POST' }),
  askAgain: () => once<c.Ceremony>('/api/session/prove/passkey/ask', { method: 'POST' }),
  signIn: (shown: c.Shown) => state({ method: 'POST', body: shown }, '/api/session/passkey'),
  prove: (shown: c.Shown) => state({ method: 'POST', body: shown }, '/api/session/prove/passkey'),
  go: (provider: string, why: string) =>
    once<{ address: string }>(`/api/providers/${provider}/go`, { method: 'POST', body: { why } }),
  /** Who came in or proved it again, or the new link. */
  async back(provider: string, body: Record<string, string>): Promise<State | { linked: string }> {
    const path = `/api/providers/${provider}/back`
    const answer = await once<State | { linked: string }>(path, { method: 'POST', body })
    if ('csrf' in answer) csrf = answer.csrf
    return answer
  },
}

export const read = {
  regions: () => get<{ root: string; regions: c.Region[] }>('/api/regions'),
  shapes: () => get<Shapes>('/api/regions/shapes'),
  diseases: () => get<c.Disease[]>('/api/diseases'),
  packs: () => get<c.Pack[]>('/api/packs'),
  backups: () => get<c.BackupStanding>('/api/backups'),
  situation: (query: Query, signal: Signal) => get<c.Situation | c.Outline>('/api/situation', query, signal),
  bulletins: (signal?: Signal) =>
    get<{ bulletins: c.Bulletin[]; floor: number }>('/api/public/bulletins', {}, signal),
  events: (signal?: Signal) => get<{ rows: c.EventRow[] }>('/api/events', {}, signal),
  event: (id: string, signal?: Signal) => get<c.EventView>(`/api/events/${id}`, {}, signal),
  cases: (query: Query, signal?: Signal) => get<Paged<c.CaseRow>>('/api/cases', query, signal),
  case: (id: string, signal?: Signal) => get<c.CaseView>(`/api/cases/${id}`, {}, signal),
  contacts: (query: Query, signal?: Signal) => get<Paged<c.ContactRow>>('/api/contacts', query, signal),
  chains: (event: string, signal?: Signal) => get<c.Chains>('/api/chains', { event }, signal),
  accounts: () => get<{ rows: c.AccountRow[] }>('/api/accounts'),
  asks: () => get<c.Asks>('/api/asks'),
  tokens: () => get<{ rows: c.TokenRow[]; permissions: string[] }>('/api/tokens'),
  glasses: () => get<c.Glasses>('/api/glass'),
  loans: () => get<c.Loans>('/api/delegations'),
  diseaseAccess: () => get<{ rows: c.DiseaseAccessRow[] }>('/api/disease-access'),
  sees: (id: string) => get<c.Sees>(`/api/accounts/${id}/sees`),
  journal: (query: Query, signal?: Signal) => get<Paged<c.JournalRow>>('/api/journal', query, signal),
  verifyJournal: () => get<c.Verified>('/api/journal/verify'),
  checkpoint: () => get<c.Checkpoint>('/api/journal/checkpoint'),
}

/** GeoJSON as far as the map needs it. */
export interface Shapes {
  features: {
    properties: { path: string }
    geometry: null | { type: 'Polygon' | 'MultiPolygon'; coordinates: any }
  }[]
}

/** Signs how far the journal has come; when nothing came since, the last one is the answer. */
export function signCheckpoint(): Promise<c.Checkpoint> {
  return once<c.Checkpoint>('/api/journal/checkpoint', { method: 'POST', body: {} })
}

export const imports = {
  list: (signal?: Signal) => get<{ rows: c.ImportRow[] }>('/api/imports', {}, signal),
  one: (id: string, signal?: Signal) => get<c.ImportView>(`/api/imports/${id}`, {}, signal),
  // Not retried by itself: a second upload of 200 MB is the person's choice.
  upload: (file: File, event: string) =>
    once<c.ImportView>('/api/imports', { method: 'POST', query: { name: file.name, event }, raw: file }),
  mapping: (id: string, body: c.ImportMapping) =>
    send<c.ImportView>(`/api/imports/${id}/mapping`, { method: 'PUT', body }),
  step: (id: string, step: 'check' | 'apply' | 'undo' | 'cancel', body: Record<string, unknown> = {}) =>
    once<c.ImportView>(`/api/imports/${id}/${step}`, { method: 'POST', body }),
  report: (id: string, kind: 'json' | 'csv') => `/api/imports/${id}/report.${kind}`,
}

export const privacy = {
  clocks: () => get<c.Clocks>('/api/retention'),
  due: (clock: string) => get<c.DueList>(`/api/retention/${clock}`),
  run: (clock: string, body: Record<string, unknown>) =>
    once<{ erasure: string; erased: number }>(`/api/retention/${clock}/run`, { method: 'POST', body }),
  erasures: () => get<{ rows: c.ErasureRow[] }>('/api/erasures'),
  erase: (body: Record<string, unknown>) =>
    once<{ erasure: string }>('/api/erasures', { method: 'POST', body }),
  certificate: (id: string) => `/api/erasures/${id}/certificate.json`,
  lists: () => get<c.Ledger>('/api/exports'),
  preview: (query: Query) => get<c.ListPreview>('/api/exports/preview', query),
  make: (body: Record<string, unknown>) =>
    once<{ export: string; people: number }>('/api/exports', { method: 'POST', body }),
  // A fetch counts: it is not repeated by itself.
  file: (id: string) => once<string>(`/api/exports/${id}/file`, { method: 'POST', body: {}, file: true }),
  log: (subject: string) => get<c.AccessLog>(`/api/subjects/${subject}/access-log`),
}

export function openIdentity(
  subject: string,
  purpose: string,
  reason: string,
  ask: string | null,
): Promise<c.Identity> {
  const body = ask ? { purpose, reason, ask } : { purpose, reason }
  return once<c.Identity>(`/api/subjects/${subject}/open`, { method: 'POST', body })
}

export const people = {
  duplicates: (query: Query, signal?: Signal) => get<c.Duplicates>('/api/people/duplicates', query, signal),
  link: (id: string, one: string, other: string, reason: string | null = null) =>
    send<unknown>('/api/people/link', { method: 'POST', body: { id, one, other, reason } }),
  // Not repeated by itself: each asking is a row in the journal.
  known: (body: Record<string, string>) => once<c.KnownPeople>('/api/people/known', { method: 'POST', body }),
}

/** Numbers of sentinel sites; the same file sent twice writes nothing new. */
export function sendNumbersFile(file: File, dryRun: boolean): Promise<FileAccount> {
  const query = { name: file.name, dry: dryRun }
  return once<FileAccount>('/api/reports/file', { method: 'POST', query, raw: file })
}

/** What an instrument wrote of a run: not repeated by itself, since it replaces what was read before. */
export function sendRunFile(run: string, file: File): Promise<{ out: Record<string, number>; notes: { zh: string; en: string }[] }> {
  return once(`/api/lab/runs/${run}/file`, { method: 'POST', query: { name: file.name }, raw: file })
}

/** A laboratory's messages; the same file sent twice is answered twice and taken once. A large one goes packed. */
export async function sendLabMessages(laboratory: string, file: File): Promise<{ rows: VerdictRow[] }> {
  const query = { laboratory }
  // The server reads a megabyte of anything; packed, eight.
  if (file.size < 900_000) return once('/api/lab/messages', { method: 'POST', query, raw: file })
  const packed = await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob()
  return once('/api/lab/messages', { method: 'POST', query, raw: packed, headers: { 'content-encoding': 'gzip' } })
}

/** A reported run as other programs read it. */
export const runMessages = (run: string, format: 'hl7' | 'fhir') =>
  once<string>(`/api/lab/runs/${run}/messages`, { query: { format }, file: true })

/** A list of restrictions: `offer` is its id, so that the same list sent again does nothing twice. */
export function sendRestrictionsFile(file: File, offer: string): Promise<ListAccount> {
  const query = { offer, name: file.name }
  return once<ListAccount>('/api/restrictions/list', { method: 'POST', query, raw: file })
}

/** A file as the server made it. */
export const download = (path: string, query: Query) => once<string>(path, { query, file: true })
/** A paper list in a spreadsheet, read and told row by row; nothing of it is kept there. */
export const readPaperList = (file: File) => once<ListRead>('/api/lab/paper-list', { method: 'POST', query: { name: file.name }, raw: file })

/** Registered visits; the same file sent twice writes nothing new. */
export function sendVisitsFile(file: File, kind: VisitKind, dryRun: boolean): Promise<VisitsAccount> {
  const query = { kind, name: file.name, dry_run: dryRun }
  return once<VisitsAccount>('/api/registered-visits/file', { method: 'POST', query, raw: file })
}

/** A roster; the same file sent twice writes nothing new. */
export function sendRosterFile(file: File, dryRun: boolean): Promise<VisitsAccount> {
  return once<VisitsAccount>('/api/rosters/file', { method: 'POST', query: { name: file.name, dry_run: dryRun }, raw: file })
}

export interface RegionsImported {
  regions: number
  created: number
  updated: number
  problems: (string | { row?: number; message?: string })[]
}

export function importRegions(file: File, dryRun: boolean): Promise<RegionsImported> {
  const query = { name: file.name, dry_run: dryRun }
  return once<RegionsImported>('/api/regions/import', { method: 'POST', query, raw: file })
}
