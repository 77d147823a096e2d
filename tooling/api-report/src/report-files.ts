import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Says which reports in `folder` differ from `reports`. */
export function compareReports(folder: string, reports: ReadonlyMap<string, string>): readonly string[] {
  const stale = [...reports].filter(([name, text]) => readIfThere(join(folder, name)) !== text)
  return [
    ...stale.map(([name]) => `api/${name} is stale: run node tooling/api-report/main.ts and review the difference`),
    ...listLeftovers(folder, reports).map((name) => `api/${name} belongs to no package`),
  ]
}

/** Writes the reports and removes those of packages that are gone. */
export function writeReports(folder: string, reports: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true })
  for (const name of listLeftovers(folder, reports)) rmSync(join(folder, name))
  for (const [name, text] of reports) writeFileSync(join(folder, name), text)
}

function listLeftovers(folder: string, reports: ReadonlyMap<string, string>): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !reports.has(name)) : []
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
