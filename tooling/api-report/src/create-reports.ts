import { globSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { readDeclarations, type DeclarationFile } from './declaration-file.ts'
import { readManifest } from './manifest.ts'

/** What {@link createReports} found. */
export interface Reports {
  /** The text of each report by its file name. */
  readonly reports: ReadonlyMap<string, string>
  readonly failures: string[]
}

/** Reads the build of every public package under `root` and reports on it. */
export function createReports(root: string): Reports {
  const reports = new Map<string, string>()
  const failures: string[] = []
  for (const path of globSync('packages/*/package.json', { cwd: root }).toSorted()) {
    const folder = join(root, dirname(path))
    const manifest = readManifest(join(root, path))
    if (manifest.isPrivate) continue
    const files = new Map<string, DeclarationFile>()
    for (const entry of manifest.entries) {
      if (!visit(join(folder, entry), files)) failures.push(`${manifest.name}: ${entry} is not built`)
    }
    for (const [file, { undocumented }] of files) {
      for (const name of undocumented) failures.push(`${relative(root, file)}: ${name} has no TSDoc`)
    }
    reports.set(`${basename(manifest.name)}.d.ts`, createReport(folder, files))
  }
  return { reports, failures }
}

/** Adds `file` and all that it imports; `false` when it does not exist. */
function visit(file: string, files: Map<string, DeclarationFile>): boolean {
  if (files.has(file)) return true
  const declarations = readDeclarations(file)
  if (declarations === undefined) return false
  files.set(file, declarations)
  return declarations.imports.every((specifier) => visit(join(dirname(file), specifier), files))
}

function createReport(folder: string, files: ReadonlyMap<string, DeclarationFile>): string {
  const sections = [...files].map(([file, { text }]) => {
    return `// ${relative(folder, file).replaceAll(sep, '/')}\n${text}`
  })
  return sections.toSorted().join('\n')
}
