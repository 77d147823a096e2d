import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXIT, HIDDEN, isLogUrl, nameOfUrl } from '../src/index.ts'
import { hidePasswords } from '../src/log-url.ts'
import { call, documents } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'

const URL_WITH = 'postgres://ada:sesame@db.example:5433/agents?schema=a'
const URL_WITHOUT = 'postgres://ada:…@db.example:5433/agents?schema=a'

describe('the name of a URL', () => {
  test.each([
    [URL_WITH, URL_WITHOUT],
    ['postgresql://ada:p%40ss@h/d', 'postgresql://ada:…@h/d'],
    ['POSTGRES://ada:x@h/d', 'POSTGRES://ada:…@h/d'],
    ['postgres://:sesame@h/d', 'postgres://:…@h/d'],
    ['postgres://ada:p@ss@h/d', 'postgres://ada:…@h/d'],
    ['postgres://ada:p:ss@h/d', 'postgres://ada:…@h/d'],
    ['postgres://ada:p/ss@h/d', 'postgres://ada:…@h/d'],
    ['postgres://ada:p#s?s@h/d', 'postgres://ada:…@h/d'],
    ['postgres://ada:open sesame@h/d', 'postgres://ada:…@h/d'],
    ['postgres://ada@h/d?password=sesame&x=1', 'postgres://ada@h/d?password=…&x=1'],
    ['postgres://ada@h/d?sslpassword=sesame', 'postgres://ada@h/d?sslpassword=…'],
  ])('%s has no password in it', (url, name) => {
    expect(nameOfUrl(url)).toBe(name)
  })

  test.each([
    'postgres://h/d',
    'postgres:///d?host=/run/postgresql',
    'postgres://ada@h:5432/d',
    'postgres://h:5432/d?application_name=a@b',
    'postgres://ada@[::1]:5432/d',
    URL_WITHOUT,
  ])('%s stays as it is', (url) => {
    expect(nameOfUrl(url)).toBe(url)
  })

  test('has nothing of a password of whatever characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w@:/?#% +-]{4,20}$/), (password) => {
        fc.pre(!'postgres://ada:@db.example/agents'.includes(password))
        const named = nameOfUrl(`postgres://ada:${encodeURIComponent(password)}@db.example/agents`)
        expect(named).toBe(`postgres://ada:${HIDDEN}@db.example/agents`)
      }),
    )
  })
})

test('the passwords of all URLs in a text are hidden, and nothing else', () => {
  expect(hidePasswords(`cannot reach ${URL_WITH}, nor "postgres://u:p@h/d"; ask a:b@example.com`)).toBe(
    `cannot reach ${URL_WITHOUT}, nor "postgres://u:…@h/d"; ask a:b@example.com`,
  )
})

test.each([
  ['postgres://h/d', true],
  ['PostgreSQL://h/d', true],
  ['postgres.db', false],
  ['./postgres://h/d', false],
  ['https://h/d', false],
])('%s is a URL of a log: %s', (target, is) => {
  expect(isLogUrl(target)).toBe(is)
})

describe('a log with a password', () => {
  test('is named without it in whatever a command prints', async () => {
    const store = await urlStore()
    for (const argv of [
      ['show', URL_WITH, 'nothing'],
      ['list', URL_WITH, 'more'],
      ['list', URL_WITH, URL_WITH],
      ['list', '--limit', URL_WITH],
      [URL_WITH],
      ['fork', URL_WITH, 'a', '--before', '2', '--as', 'b', '--json'],
      ['fork', URL_WITH, 'a', '--to', URL_WITH],
      ['copy', URL_WITH, 'y.db', '--json'],
      ['copy', 'x.db', URL_WITH],
      ['copy', URL_WITH, URL_WITH],
      ['migrate', URL_WITH],
      ['doctor', URL_WITH],
      ['tail', 'postgres://ada:sesame@h/none', '--debug'],
      ['completion', URL_WITH],
    ]) {
      const { stdout, stderr } = await call(argv, { store })
      expect(stdout + stderr).not.toBe('')
      expect(stdout + stderr).not.toContain('sesame')
    }
  })

  test('is opened by its name, wherever it was given', async () => {
    for (const [argv, env] of [
      [['list', URL_WITH], {}],
      [['list', '--db', URL_WITH], {}],
      [['list'], { STARLING_DB: URL_WITH }],
      [['list', URL_WITHOUT], { STARLING_DB: URL_WITH }],
    ] as const) {
      const store = await urlStore()
      expect(await call(argv, { store, env })).toMatchObject({ code: EXIT.ok, stderr: '' })
      expect(store.opened).toEqual([[URL_WITHOUT, 'index']])
      expect(store.named).toContain(URL_WITH)
    }
  })

  test('is left as it is where it is no log, but a text', async () => {
    const store = await urlStore()
    const { stdout } = await call(['search', 'x.db', URL_WITH, '--json'], { store })
    expect(documents(stdout)).toEqual([{ query: URL_WITH, hits: [] }])
    expect(store.named).toEqual(['x.db'])
  })
})

describe('a log that only opening finds missing', () => {
  test.each([['list'], ['show', 'a'], ['validate'], ['export', '--all'], ['prune', '--older-than', '1d']])(
    '%s says so, and how to make one',
    async (name, ...rest) => {
      const store = { ...(await urlStore()), exists: async () => true, open: async () => undefined }
      const argv = [name, '--db', 'postgres://h/d', ...rest]
      expect(await call(argv, { store })).toEqual({
        code: EXIT.notFound,
        stdout: '',
        stderr:
          'starling: no log at postgres://h/d; check the database and ?schema=, or make one with `starling migrate`\n',
      })
    },
  )

  test('is made by an import', async () => {
    const store = await urlStore()
    const opened: string[] = []
    const lazy = {
      ...store,
      exists: async () => true,
      open: async (target: string, mode: Parameters<MemoryStore['open']>[1]) => {
        opened.push(mode)
        return mode === 'create' ? store.open(target, mode) : undefined
      },
    }
    const { stdout: raw } = await call(['export', 'x.db', '--format', 'raw'], { store })
    const imported = await call(['import', 'postgres://h/new', '-'], { store: lazy, stdin: [raw] })
    expect(imported).toEqual({ code: EXIT.ok, stdout: 'imported 1 run (4 events)\n', stderr: '' })
    expect(opened).toEqual(['read', 'create'])
  })
})

test('a database that cannot be opened is not tried a second time', async () => {
  const store = await urlStore()
  let opened = 0
  const open = async (): Promise<never> => {
    opened += 1
    throw Object.assign(new Error('the server cannot be reached'), { code: 'EVENTLOG_OPEN_FAILED' })
  }
  expect((await call(['list', URL_WITH], { store: { ...store, open } })).code).toBe(EXIT.failure)
  expect(opened).toBe(1)
})

interface UrlStore extends MemoryStore {
  /** Every target that was to be named, in order. */
  readonly named: readonly string[]
}

/** A store with a log that is known by a URL, and one by a path. */
async function urlStore(): Promise<UrlStore> {
  const store = createMemoryStore()
  await store.add(URL_WITHOUT, helloRun('a'))
  await store.add('x.db', helloRun('a'))
  const named: string[] = []
  const nameOf = (target: string): string => {
    named.push(target)
    return isLogUrl(target) ? nameOfUrl(target) : target
  }
  return { ...store, named, nameOf }
}
