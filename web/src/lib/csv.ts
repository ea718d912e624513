// Rows as a file other programs read: quoted where needed (RFC 4180), with the mark that makes spreadsheets read Chinese.

export type Cell = string | number | boolean | null | undefined

function quoted(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell)
  // A spreadsheet would run a text that begins like a formula.
  const safe = typeof cell === 'string' && /^[=+@\t\r-]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csv(head: string[], rows: Cell[][]): string {
  return `\uFEFF${[head, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`
}
