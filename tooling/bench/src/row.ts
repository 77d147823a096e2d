/** One line of the table: a figure beside the figure to reach. */
export interface Row {
  readonly what: string
  /** What was measured, with its unit, and what it is a ratio of. */
  readonly figure: string
  readonly target: string
  /** `undefined` when the line is for comparison only. */
  readonly met: boolean | undefined
}

/** Writes the rows as a Markdown table that also reads well in a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const head = ['what', 'measured', 'target', 'met?']
  const cells = rows.map(({ what, figure, target, met }) => [what, figure, target, describeMet(met)])
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map((row) => line(row))].join('\n')
}

/** Writes a duration with three digits and the unit that suits it. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${digits(ms / 1000)} s`
  return ms >= 1 ? `${digits(ms)} ms` : `${digits(ms * 1000)} µs`
}

/** Writes a ratio: `1.23 ×`. */
export function formatRatio(ratio: number): string {
  return `${ratio.toFixed(2)} ×`
}

/** Writes a number with three digits, or all before the point. */
export function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}

function describeMet(met: boolean | undefined): string {
  if (met === undefined) return '–'
  return met ? 'met' : 'MISSED'
}
