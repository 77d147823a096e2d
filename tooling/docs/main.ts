// Writes docs/errors.md from the documented error codes, and checks that every promise in docs/guarantees.md names a
// test that exists. With --check nothing is written and a stale page is a failure.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkCitations, readCitations } from './src/citations.ts'
import { readErrorCodes, renderErrors } from './src/error-codes.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ERRORS = join(ROOT, 'docs', 'errors.md')
const check = process.argv.includes('--check')

const packages = globSync('packages/*/src/*-error.ts', { cwd: ROOT })
  .toSorted()
  .map((file) => ({
    name: `@starling/${file.split('/')[1] ?? ''}`,
    codes: readErrorCodes(readFileSync(join(ROOT, file), 'utf8')),
  }))
  .filter(({ codes }) => codes.length > 0)
const errors = renderErrors(packages)
const guarantees = readFileSync(join(ROOT, 'docs', 'guarantees.md'), 'utf8')
const problems = [...checkCitations(guarantees, read)]

if (!check) writeFileSync(ERRORS, errors)
else if (read('docs/errors.md') !== errors) problems.push('docs/errors.md is stale: run `pnpm run docs`')

for (const problem of problems) console.error(problem)
const codes = packages.reduce((sum, { codes: own }) => sum + own.length, 0)
console.log(`${codes} error codes, ${readCitations(guarantees).length} citations`)
process.exitCode = problems.length === 0 ? 0 : 1

function read(file: string): string | undefined {
  try {
    return readFileSync(join(ROOT, file), 'utf8')
  } catch {
    return undefined // the caller says what is missing
  }
}
