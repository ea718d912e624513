// The account of an import as the page tells it: one sum that must add up, and findings gathered by their kind.

import type { ImportReport } from '../../lib/contract'

export const PARTS = ['created', 'updated', 'unchanged', 'skipped', 'failed'] as const

export function sum(report: ImportReport): { total: number; addsUp: boolean } {
  const total = PARTS.reduce((sum, part) => sum + report[part], 0)
  return { total, addsUp: total === report.rows }
}

export type Problem = NonNullable<ImportReport['problems']>[number]

export interface Kind {
  code: string
  severity: string
  /** All of this kind, also those the page was not given. */
  count: number
  problems: Problem[]
}

const ORDER = ['error', 'warning', 'info']

/** Findings by code: what stops rows first, then what is doubtful, then what one should know. */
export function kinds(report: ImportReport): Kind[] {
  const found = new Map<string, Kind>()
  for (const problem of report.problems ?? []) {
    const kind = found.get(problem.code) ?? { code: problem.code, severity: problem.severity, count: 0, problems: [] }
    if (ORDER.indexOf(problem.severity) < ORDER.indexOf(kind.severity)) kind.severity = problem.severity
    kind.problems.push(problem)
    kind.count += 1
    found.set(problem.code, kind)
  }
  for (const [code, count] of Object.entries(report.problem_counts ?? {})) {
    const kind = found.get(code)
    if (kind) kind.count = Math.max(count, kind.count)
    else found.set(code, { code, severity: 'warning', count, problems: [] })
  }
  return [...found.values()].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || b.count - a.count || (a.code < b.code ? -1 : 1),
  )
}

/** Row numbers as a person writes them: `4, 7–9, 31`. At most `most` parts, then how many rows follow. */
export function rowsText(rows: number[], most = 12): { text: string; more: number } {
  const sorted = [...new Set(rows)].filter((row) => row > 0).sort((a, b) => a - b)
  const runs: [number, number][] = []
  for (const row of sorted) {
    const last = runs.at(-1)
    if (last && row === last[1] + 1) last[1] = row
    else runs.push([row, row])
  }
  const shown = runs.slice(0, most)
  const text = shown.map(([from, until]) => (from === until ? String(from) : `${from}–${until}`)).join(', ')
  const told = shown.reduce((count, [from, until]) => count + until - from + 1, 0)
  return { text, more: sorted.length - told }
}
