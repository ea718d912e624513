// Settings of a method as a person writes them: one a line, `name = value`.

export type Setting = number | boolean | string

/** The settings, or the number (from 1) of the first line that is none. */
export function readSettings(text: string): { settings: Record<string, Setting> } | { wrong: number } {
  const settings: Record<string, Setting> = {}
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue
    const parts = /^\s*([a-z][a-z0-9_]*)\s*[=＝]\s*(.+?)\s*$/.exec(line)
    if (!parts) return { wrong: index + 1 }
    settings[parts[1]!] = valueOf(parts[2]!)
  }
  return { settings }
}

function valueOf(text: string): Setting {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?\d+(\.\d+)?([eE]-?\d+)?$/.test(text)) return Number(text)
  return text.replace(/^"(.*)"$/, '$1')
}

export function writeSettings(settings: Record<string, unknown>): string {
  return Object.entries(settings)
    .filter(([name]) => name !== 'detector')
    .map(([name, value]) => `${name} = ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join('\n')
}
