/** A test that a page names as its proof. */
export interface Citation {
  readonly file: string
  readonly title: string
}

// `path/to/file.test.ts` › “title of the test”
const CITATION = /`([\w./-]+\.ts)` › “([^”]+)”/g

/** Finds the tests that a page cites. */
export function readCitations(page: string): readonly Citation[] {
  return Array.from(page.matchAll(CITATION), ([, file = '', title = '']) => ({ file, title }))
}

/** The promises of a page: the rows of its tables that begin with a number like `G-07`. */
function readPromises(page: string): readonly string[] {
  return page.split('\n').filter((line) => /^\| G-\d+ \|/.test(line))
}

/** What is wrong with the citations of a page; `read` returns a file's text, or nothing when there is none. */
export function checkCitations(page: string, read: (file: string) => string | undefined): readonly string[] {
  const uncited = readPromises(page)
    .filter((row) => readCitations(row).length === 0)
    .map((row) => `${row.slice(2, 6)} names no test`)
  const wrong = readCitations(page).flatMap(({ file, title }) => {
    const source = read(file)
    if (source === undefined) return [`${file} does not exist`]
    return source.includes(title) ? [] : [`${file} has no test titled “${title}”`]
  })
  return [...uncited, ...wrong]
}
