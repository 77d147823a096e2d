import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createReports } from '../src/create-reports.ts'
import { compareReports, writeReports } from '../src/report-files.ts'

const MANIFEST = '{"name":"@starling/event","exports":{".":{"types":"./dist/index.d.ts"}}}'
const DOCUMENTED = '/** An event. */\nexport interface Event {\n}\n'

test('a report holds every file that an entry point reaches, and only those', () => {
  using workspace = createWorkspace({
    'packages/event/package.json': MANIFEST,
    'packages/event/dist/index.d.ts': "export { type Event } from './event.ts';\n",
    'packages/event/dist/event.d.ts': DOCUMENTED,
    'packages/event/dist/unreached.d.ts': 'export declare const left = 1;\n',
  })
  const { reports, failures } = createReports(workspace.root)
  expect(failures).toEqual([])
  expect([...reports]).toEqual([
    ['event.d.ts', `// dist/event.d.ts\n${DOCUMENTED}\n// dist/index.d.ts\nexport { type Event } from './event.ts';\n`],
  ])
})

test('an undocumented export is named with its file', () => {
  using workspace = createWorkspace({
    'packages/event/package.json': MANIFEST,
    'packages/event/dist/index.d.ts': 'export declare const bare = 1;\n',
  })
  expect(createReports(workspace.root).failures).toEqual([
    `${join('packages', 'event', 'dist', 'index.d.ts')}: bare has no TSDoc`,
  ])
})

test('an entry point that is not built is a failure', () => {
  using workspace = createWorkspace({ 'packages/event/package.json': MANIFEST })
  expect(createReports(workspace.root).failures).toEqual(['@starling/event: ./dist/index.d.ts is not built'])
})

test('an entry point without types is an error', () => {
  const manifest = '{"name":"@starling/event","exports":{".":"./dist/index.js"}}'
  using workspace = createWorkspace({ 'packages/event/package.json': manifest })
  expect(() => createReports(workspace.root)).toThrow('the entry point . names no types')
})

test('a private package has no report', () => {
  const manifest = '{"name":"@starling/inner","private":true,"exports":{".":{"types":"./dist/index.d.ts"}}}'
  using workspace = createWorkspace({ 'packages/inner/package.json': manifest })
  expect(createReports(workspace.root).reports.size).toBe(0)
})

test('written reports are up to date, changed, missing and left over ones are not', () => {
  using workspace = createWorkspace({ 'api/gone.d.ts': '' })
  const folder = join(workspace.root, 'api')
  const reports = new Map([
    ['event.d.ts', 'event\n'],
    ['tool.d.ts', 'tool\n'],
  ])
  writeReports(folder, reports)
  expect(readdirSync(folder).toSorted()).toEqual(['event.d.ts', 'tool.d.ts'])
  expect(compareReports(folder, reports)).toEqual([])

  writeFileSync(join(folder, 'event.d.ts'), `${readFileSync(join(folder, 'event.d.ts'), 'utf8')}more\n`)
  rmSync(join(folder, 'tool.d.ts'))
  writeFileSync(join(folder, 'old.d.ts'), '')
  expect(compareReports(folder, reports)).toEqual([
    'api/event.d.ts is stale: run node tooling/api-report/main.ts and review the difference',
    'api/tool.d.ts is stale: run node tooling/api-report/main.ts and review the difference',
    'api/old.d.ts belongs to no package',
  ])
})

interface Workspace extends Disposable {
  readonly root: string
}

function createWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'starling-api-report-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
