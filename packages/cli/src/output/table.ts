/** How a column is laid out. */
export interface Column {
  readonly title: string
  /** Default: `left`. */
  readonly align?: 'left' | 'right' | undefined
}

/** A cell: its text, and how it is coloured after it was padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string }

/** Returns the lines of a table, columns as wide as their widest cell and two spaces apart. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paintTitle: (text: string) => string,
): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(textOf(row[index])))),
  )
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, index) => {
        const last = index === cells.length - 1
        const padded = pad(
          textOf(cell),
          last && columns[index]?.align !== 'right' ? 0 : (widths[index] ?? 0),
          columns[index],
        )
        return typeof cell === 'string' ? padded : cell.paint(padded)
      })
      .join('  ')
  return [line(columns.map((column) => ({ text: column.title, paint: paintTitle }))), ...rows.map(line)]
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : (cell?.text ?? '')
}

function pad(text: string, width: number, column: Column | undefined): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return column?.align === 'right' ? space + text : text + space
}

// Wide (East Asian, emoji) characters take two cells, combining ones none.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]$/u

function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}
