import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/command-table.ts'
import { EXIT } from '../src/index.ts'
import { corruptRun, helloRun } from './support/events.ts'
import { call, documents } from './support/call.ts'
import { createMemoryStore } from './support/memory-store.ts'

describe('the program', () => {
  test('without a command the usage goes to stderr and the exit code is 2', async () => {
    const { code, stdout, stderr } = await call([])
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toContain('Usage: starling <command>')
  })

  test.each([['-h'], ['--help'], ['help']])('%s prints the usage on stdout', async (argument) => {
    const { code, stdout, stderr } = await call([argument])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name} `)
  })

  test.each([['-v'], ['--version'], ['version']])('%s prints the version', async (argument) => {
    const { code, stdout } = await call([argument])
    expect(code).toBe(EXIT.ok)
    expect(stdout).toMatch(/^starling \d+\.\d+\.\d+\S*\n$/)
  })

  test('version --json is one document', async () => {
    const { stdout } = await call(['version', '--json'])
    expect(documents(stdout)).toEqual([{ version: expect.stringMatching(/^\d/), node: process.versions.node }])
  })

  test('an unknown command names the nearest one', async () => {
    expect(await call(['vaildate', 'x.db'])).toEqual({
      code: EXIT.usage,
      stdout: '',
      stderr: `starling: unknown command "vaildate"; did you mean validate?\nRun 'starling help' for usage.\n`,
    })
  })

  test('an unknown option before the command is called an option', async () => {
    const { code, stderr } = await call(['--frobnicate'])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toContain('unknown option "--frobnicate"')
  })

  test.each([
    [['--json', 'list', 'x.db']],
    [['--db', 'x.db', 'list', '--json']],
    [['--debug', '--db=x.db', '--json', 'list']],
  ])('flags of every command may stand before it: %j', async (argv) => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a'))
    const { code, stdout } = await call(argv, { store })
    expect(code).toBe(EXIT.ok)
    expect(documents(stdout)).toEqual([expect.objectContaining({ total_matching: 1 })])
  })

  test('with --json a usage error is one JSON document on stderr', async () => {
    const { code, stdout, stderr } = await call(['validate', '--json'])
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(documents(stderr)).toEqual([
      { error: { code: 'CLI_USAGE', message: 'missing <db>: name a log, or set STARLING_DB' } },
    ])
  })

  test('help --json lists the commands', async () => {
    const [document] = documents((await call(['help', '--json'])).stdout)
    expect(document.commands.map((command: { name: string }) => command.name)).toEqual(COMMANDS.map(({ name }) => name))
  })

  test('help for an unknown command is a usage error', async () => {
    const { code, stderr } = await call(['help', 'exprot'])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(/^starling: unknown command "exprot"; did you mean export\?\n/)
  })
})

describe.each(COMMANDS.map(({ name }) => name))('%s', (name) => {
  test.each([['--help'], ['-h']])(`%s prints its usage on stdout and exits with 0`, async (flag) => {
    const { code, stdout, stderr } = await call([name, flag])
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
    expect(stdout).toContain('Usage: starling')
  })

  test('help prints the same', async () => {
    if (name === 'help') return
    expect((await call(['help', name])).stdout).toBe((await call([name, '--help'])).stdout)
  })

  test('help --json describes it', async () => {
    const [document] = documents((await call(['help', name, '--json'])).stdout)
    expect(document).toMatchObject({ name, flags: { json: { type: 'boolean' } } })
    expect(document.usage).toMatch(new RegExp(`^starling ${name} `))
  })

  test('an unknown option is a usage error with a hint', async () => {
    const { code, stdout, stderr } = await call([name, '--no-such-option'])
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    expect(stderr).toBe(`starling: unknown option --no-such-option\nRun 'starling ${name} --help' for usage.\n`)
  })

  test('an argument too many is a usage error', async () => {
    if (['export', 'search', 'prices', 'approve', 'deny'].includes(name)) return
    const { code, stderr } = await call([name, 'a', 'b', 'c', 'd'])
    expect(code).toBe(EXIT.usage)
    expect(stderr).toMatch(/^starling: unexpected argument "[abcd]"\n/)
  })
})

describe('errors', () => {
  const boom = Object.assign(new Error('first line\n  second line'), { stack: 'Error: boom\n    at secret.ts:1' })
  const store = { ...createMemoryStore(), exists: async () => true, open: async () => Promise.reject(boom) }

  test('an error is one line without a stack', async () => {
    const { code, stderr } = await call(['list', 'x.db'], { store })
    expect({ code, stderr }).toEqual({ code: EXIT.failure, stderr: 'starling: first line second line\n' })
  })

  test.each([
    ['--debug', ['--debug'], {}],
    ['STARLING_DEBUG', [], { STARLING_DEBUG: '1' }],
  ])('%s prints the stack too', async (_name, flags, env) => {
    const { stderr } = await call(['list', 'x.db', ...flags], { store, env })
    expect(stderr).toBe(`starling: first line second line\n${boom.stack}\n`)
  })

  test('with --json an error is one document on stderr', async () => {
    const { stderr } = await call(['list', 'x.db', '--json'], { store })
    expect(documents(stderr)).toEqual([{ error: { code: 'CLI_INTERNAL', message: 'first line second line' } }])
  })

  test('an error cannot steer the terminal', async () => {
    const escape = { ...store, open: async () => Promise.reject(new Error('\u001B[2J gone')) }
    expect((await call(['list', 'x.db'], { store: escape })).stderr).toBe('starling: \\x1b[2J gone\n')
  })

  test('a reader that goes away does not keep validate from checking every run', async () => {
    const many = createMemoryStore()
    await many.add('x.db', corruptRun('older'), helloRun('newer', 1_800_000_000_000_000_000n))
    let written = 0
    const onWrite = (): void => {
      written += 1
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    }
    expect(await call(['validate', 'x.db'], { store: many, onWrite })).toEqual({
      code: EXIT.corrupt,
      stdout: '',
      stderr: '',
    })
    expect(written).toBe(1)
  })

  test('a reader that goes away ends the command quietly', async () => {
    const many = createMemoryStore()
    await many.add('x.db', helloRun('a'), helloRun('b'))
    const onWrite = (): void => {
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    }
    expect(await call(['list', 'x.db'], { store: many, onWrite })).toEqual({
      code: EXIT.ok,
      stdout: '',
      stderr: '',
    })
  })
})

describe('colours', () => {
  const GREEN_OK = '\u001B[32mOK\u001B[39m'

  test.each([
    ['a terminal has them', true, {}, GREEN_OK],
    ['a pipe has none', false, {}, 'OK'],
    ['NO_COLOR takes them away', true, { NO_COLOR: '1' }, 'OK'],
    ['an empty NO_COLOR does not', true, { NO_COLOR: '' }, GREEN_OK],
    ['FORCE_COLOR puts them into a pipe', false, { FORCE_COLOR: '1' }, GREEN_OK],
    ['FORCE_COLOR=0 takes them away', true, { FORCE_COLOR: '0' }, 'OK'],
    ['NO_COLOR wins', false, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'OK'],
    ['a dumb terminal has none', true, { TERM: 'dumb' }, 'OK'],
  ] as const)('%s', async (...[_name, isTTY, env, verdict]) => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a'))
    expect((await call(['validate', 'x.db'], { store, isTTY, env })).stdout).toBe(`a\t${verdict}\n`)
  })

  test('JSON has none, whatever is asked', async () => {
    const store = createMemoryStore()
    await store.add('x.db', helloRun('a'))
    const { stdout } = await call(['validate', 'x.db', '--json'], { store, isTTY: true, env: { FORCE_COLOR: '1' } })
    expect(documents(stdout)).toEqual([{ run_id: 'a', status: 'ok', events: 4, reason: null }])
  })
})
