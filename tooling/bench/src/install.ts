import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder, type BenchContext, type Group } from './context.ts'
import { digits, type Row } from './row.ts'
import { ROOT, runCommand } from './run-command.ts'

const WANTED = ['core', 'eventlog-sqlite', 'providers-openai']
const MAX_MB = 15
const MAX_PACKAGES = 20

/** What installing a runtime, a log and a provider brings along. */
export const installGroup: Group = { name: 'install', measure: measureInstall }

async function measureInstall(context: BenchContext): Promise<readonly Row[]> {
  if (context.scale === 'quick') return []
  const folder = freshFolder(context)
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  const packages = withDependencies(WANTED)
  const filters = packages.flatMap((name) => ['--filter', `./packages/${name}`])
  await runCommand('npx', ['--yes', 'pnpm@12', ...filters, 'pack', '--pack-destination', tarballs])
  const files = globSync('*.tgz', { cwd: tarballs }).map((file) => join(tarballs, file))
  if (files.length !== packages.length) throw new Error(`packed ${files.length} packages of ${packages.length}`)
  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true }')
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...files], {
    cwd: app,
  })
  const installed = listPackages(join(app, 'node_modules'))
  const mb = sizeOf(join(app, 'node_modules')) / 1_000_000
  const largest = installed
    .map((path) => ({ name: nameOf(path), mb: sizeOf(path) / 1_000_000 }))
    .toSorted((a, b) => b.mb - a.mb)
    .slice(0, 3)
    .map(({ name, mb: size }) => `${name} ${digits(size)} MB`)
  const what = 'installing core, SQLite and one provider'
  return [
    {
      what: `${what}: size`,
      figure: `${digits(mb)} MB (${largest.join(', ')})`,
      target: `≤ ${MAX_MB} MB`,
      met: mb <= MAX_MB,
    },
    {
      what: `${what}: packages`,
      figure: `${installed.length}, of them ${packages.length} Starling's own`,
      target: `≤ ${MAX_PACKAGES}`,
      met: installed.length <= MAX_PACKAGES,
    },
  ]
}

/** The folders of the wanted packages and of those of the workspace that they need. */
function withDependencies(wanted: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const visit = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    const { dependencies = {} } = readManifest(join(ROOT, 'packages', name))
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith('@starling/')) visit(dependency.slice('@starling/'.length))
    }
  }
  for (const name of wanted) visit(name)
  return [...found]
}

function listPackages(modules: string): readonly string[] {
  const manifests = globSync(['**/node_modules/{*,@*/*}/package.json', '{*,@*/*}/package.json'], { cwd: modules })
  return [...new Set(manifests)].map((path) => join(modules, path, '..'))
}

function nameOf(folder: string): string {
  return readManifest(folder).name ?? folder
}

function sizeOf(folder: string): number {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

interface Manifest {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
