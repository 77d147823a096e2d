import { describe, expect, test } from 'vitest'
import { EXIT } from '../src/index.ts'
import { call } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

describe('the log of a command', () => {
  test.each([
    ['the first argument', ['show', 'x.db', 'a'], {}],
    ['--db', ['show', 'a', '--db', 'x.db'], {}],
    ['STARLING_DB when the argument is absent', ['show', 'a'], { STARLING_DB: 'x.db' }],
    ['the first argument, although STARLING_DB is set', ['show', 'x.db', 'a'], { STARLING_DB: 'y.db' }],
    ['--db, although STARLING_DB is set', ['show', '--db=x.db', 'a'], { STARLING_DB: 'y.db' }],
  ])('is %s', async (_name, argv, env: Record<string, string>) => {
    const store = await twoLogs()
    const { code } = await call(argv, { store, env })
    expect(code).toBe(EXIT.ok)
    expect(store.opened).toEqual([['x.db', 'read']])
  })

  test.each([
    ['is the log when there is one of that name', 'x.db', 'x.db'],
    ['is the log when it looks like a file', 'missing.db', undefined],
    ['is a run otherwise', 'b', 'y.db'],
  ])('with STARLING_DB set, one argument for an optional run %s', async (_name, argument, opened) => {
    const store = await twoLogs()
    const { code } = await call(['validate', argument], { store, env: { STARLING_DB: 'y.db' } })
    expect(store.opened.map(([target]) => target)).toEqual(opened === undefined ? [] : [opened])
    expect(code).toBe(opened === undefined ? EXIT.notFound : EXIT.ok)
  })

  test.each(['what is in x.db', '/help', './build fails', 'x.db'])(
    'with STARLING_DB set, the only required argument is never the log: %s',
    async (argument) => {
      const store = await twoLogs()
      await call(['show', argument], { store, env: { STARLING_DB: 'y.db' } })
      expect(store.opened).toEqual([['y.db', 'read']])
    },
  )

  test.each(['what is in none.db', '/help', './build fails'])(
    'without one, a text is no path: %s',
    async (argument) => {
      const { code, stderr } = await call(['run', argument])
      expect(code).toBe(EXIT.usage)
      expect(stderr).toContain('missing <db>: name a log')
    },
  )

  test('must be named somehow', async () => {
    expect(await call(['list'])).toEqual({
      code: EXIT.usage,
      stdout: '',
      stderr: "starling: missing <db>: name a log, or set STARLING_DB\nRun 'starling list --help' for usage.\n",
    })
  })

  test('must not be empty', async () => {
    const { code, stderr } = await call(['list', ''])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('the path of the log is empty')
  })

  test('is named before what else is missing', async () => {
    const { stderr } = await call(['show', 'x.db'])
    expect(stderr).toContain('missing <run>')
  })

  test.each(
    [
      'validate',
      'list',
      'stats',
      'schema-version',
      'migrate',
      'tail',
      'prune --older-than 1d',
      'prune --older-than 1d --confirm',
      'show X a',
      'search X a',
      'export X a',
      'fork X a',
    ].map((line) => [line]),
  )('%s does not find a missing log and makes none', async (line) => {
    const [name = '', ...rest] = line.split(' ')
    const argv = rest.includes('X') ? rest.map((part) => (part === 'X' ? 'none.db' : part)) : ['none.db', ...rest]
    const store = createMemoryStore()
    const { code, stdout, stderr } = await call([name, ...argv], { store })
    expect({ code, stdout, opened: store.opened }).toEqual({ code: EXIT.notFound, stdout: '', opened: [] })
    expect(stderr).toMatch(/^starling: no log at none\.db; .*\n$/)
  })
})

async function twoLogs(): Promise<MemoryStore> {
  const store = createMemoryStore()
  await store.add('x.db', helloRun('a'))
  await store.add('y.db', helloRun('b'))
  return store
}
