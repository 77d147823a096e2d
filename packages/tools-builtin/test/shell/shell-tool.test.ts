import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, realpath, symlink } from 'node:fs/promises'
import { basename } from 'node:path'

import { createToolContext, describeTool } from '@starling/tool/conformance'
import { afterAll, describe, expect, test } from 'vitest'

import { createShellTool, type ShellToolOptions } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { recordingContext, replayingContext } from '../support/contexts.ts'
import { isRunning, waitForLine, waitUntilGone } from '../support/processes.ts'
import { openTempFolder } from '../support/temp-folder.ts'

interface Result {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string
  readonly stdoutBytes: number
  readonly truncated: boolean
}

const shared = await openTempFolder({ 'notes.txt': 'hello' })
afterAll(() => shared[Symbol.asyncDispose]())

describeTool({
  name: 'shell',
  create: () => createShellTool({ allow: ['cat', 'echo'], cwd: shared.path }),
  accepts: [
    {
      input: { program: 'cat', args: ['notes.txt'] },
      result: {
        exitCode: 0,
        signal: null,
        timedOut: false,
        stdout: 'hello',
        stderr: '',
        stdoutBytes: 5,
        stderrBytes: 0,
        truncated: false,
      },
    },
    { input: { program: 'echo' } },
  ],
  rejects: [
    {},
    { program: 'rm' },
    { program: '/bin/cat' },
    { program: 'cat notes.txt' },
    { program: 'CAT' },
    { program: 'cat', args: 'notes.txt' },
    { program: 'cat', args: [1] },
    { program: 'cat', args: Array.from({ length: 1001 }, () => 'a') },
    { program: 'cat', stdin: 'x' },
  ],
})

describe('what is run', () => {
  test('arguments reach the program as they are: nothing in them is a command', async () => {
    const args = [
      '; touch pwned',
      '$(touch pwned)',
      '`touch pwned`',
      '&& touch pwned',
      '| touch pwned',
      '> pwned',
      '*',
      '~',
      '$HOME',
      '%PATH%',
      'two words',
      '"quoted" \'twice\'',
      'back\\slash',
      'new\nline',
      '',
      '-n',
      'é€😀',
      '--',
    ]
    await using folder = await openTempFolder()
    const tool = node({ cwd: folder.path })
    const program = 'console.log(JSON.stringify(process.argv.slice(1)))'
    const { stdout } = await call<Result>(tool, { program: 'node', args: ['-e', program, '--', ...args] })
    expect(JSON.parse(stdout)).toEqual(args)
    const { stdout: listed } = await call<Result>(sh({ cwd: folder.path }), { program: 'sh', args: ['-c', 'ls -a'] })
    expect(listed).toBe('.\n..\n')
  })

  test('a program that fails is a result', async () => {
    const result = await call<Result>(sh(), { program: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'] })
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: 'out\n', stderr: 'err\n', timedOut: false })
  })

  test('a program that a signal ends is a result', async () => {
    const result = await call<Result>(sh(), { program: 'sh', args: ['-c', 'kill -9 $$'] })
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: false })
  })

  test('the environment is what was given and nothing else', async () => {
    const env = { GREETING: 'hello world', EMPTY: '' }
    const given = await call<Result>(createShellTool({ allow: ['env'], cwd: '/', env }), { program: 'env' })
    const empty = await call<Result>(createShellTool({ allow: ['env'], cwd: '/' }), { program: 'env' })
    expect([given.stdout.split('\n').toSorted(), empty.stdout]).toEqual([['', 'EMPTY=', 'GREETING=hello world'], ''])
  })

  test('there is nothing to read and no terminal', async () => {
    const script = 'cat; test -t 0 || echo no terminal; (echo x > /dev/tty) 2>/dev/null || echo none to open'
    const result = await call<Result>(sh(), { program: 'sh', args: ['-c', script] })
    expect(result.stdout).toBe('no terminal\nnone to open\n')
  })

  test('it runs where it was told to', async () => {
    const result = await call<Result>(sh({ cwd: shared.path }), { program: 'sh', args: ['-c', 'pwd -P'] })
    expect(result.stdout.trim()).toBe(shared.path)
  })

  test('programs may have names of their own, and absolute paths their last name', async () => {
    const path = await realpath(process.execPath)
    const named = createShellTool({ allow: { javascript: path, say: 'echo' }, cwd: '/' })
    const result = await call<Result>(named, { program: 'javascript', args: ['-p', '6 * 7'] })
    const said = await call<Result>(named, { program: 'say', args: ['hi'] })
    expect([result.stdout, said.stdout]).toEqual(['42\n', 'hi\n'])
    expect(JSON.parse(named.inputSchema)).toMatchObject({ properties: { program: { enum: ['javascript', 'say'] } } })
    const listed = createShellTool({ allow: [path, 'cat'], cwd: '/' })
    expect(JSON.parse(listed.inputSchema)).toMatchObject({ properties: { program: { enum: ['cat', basename(path)] } } })
  })
})

describe('which program is found', () => {
  test('one in the folder it runs in is not, because the model may have written it', async () => {
    await using folder = await openTempFolder({ 'bin/tool': '#!/bin/sh\necho planted\n', 'a.txt': '' })
    await using other = await openTempFolder({ 'bin/tool': '#!/bin/sh\necho meant\n' })
    await chmod(folder.at('bin/tool'), 0o755)
    await chmod(other.at('bin/tool'), 0o755)
    await symlink(folder.path, other.at('alias'))
    const own = [folder.at('bin'), other.at('alias/bin')]
    const searchPath = ['', '.', 'bin', ...own, other.at('bin')].join(':')
    const found = createShellTool({ allow: ['tool'], cwd: folder.path, searchPath })
    const none = createShellTool({ allow: ['tool'], cwd: folder.path, searchPath: own.join(':') })
    expect(await call<Result>(found, { program: 'tool' })).toMatchObject({ stdout: 'meant\n' })
    expect(await callFailing(none, { program: 'tool' })).toMatchObject({
      code: 'BUILTIN_REFUSED',
      message: 'program "tool" is only where programs run, so it must be allowed by its path',
    })
  })

  test('one in the folder it runs in is, when it was allowed by its path', async () => {
    await using folder = await openTempFolder({ 'run-tests': '#!/bin/sh\necho tested\n' })
    await chmod(folder.at('run-tests'), 0o755)
    const tool = createShellTool({ allow: [folder.at('run-tests')], cwd: folder.path })
    expect(await call<Result>(tool, { program: 'run-tests' })).toMatchObject({ stdout: 'tested\n' })
  })

  test('what is a folder, may not be run or is missing is not', async () => {
    await using folder = await openTempFolder({ 'a/tool/': '', 'b/tool': '#!/bin/sh\n', 'work/': '' })
    const searchPath = `${folder.at('a')}:${folder.at('b')}:${folder.at('c')}`
    const tool = createShellTool({ allow: ['tool'], cwd: folder.at('work'), searchPath })
    const missing = createShellTool({ allow: [folder.at('gone')], cwd: folder.path })
    expect(await callFailing(tool, { program: 'tool' })).toMatchObject({
      code: 'BUILTIN_NOT_FOUND',
      message: 'program "tool" was not found',
    })
    expect(await callFailing(missing, { program: 'gone' })).toMatchObject({
      code: 'BUILTIN_NOT_FOUND',
      message: 'program "gone" was not found',
    })
  })

  test('no error says where a program should be, or what it is called there', async () => {
    await using folder = await openTempFolder({ 'bin/hidden': '#!/bin/sh\n' })
    await chmod(folder.at('bin/hidden'), 0o755)
    const allow = { test: folder.at('gone'), tool: 'no-such-program', own: 'hidden' }
    const tool = createShellTool({ allow, cwd: folder.path, searchPath: folder.at('bin') })
    const errors = await Promise.all(Object.keys(allow).map((program) => callFailing(tool, { program })))
    expect(errors.map(({ message }) => message)).toEqual([
      'program "test" was not found',
      'program "tool" was not found',
      'program "own" is only where programs run, so it must be allowed by its path',
    ])
  })

  test('one that cannot be started, or has no folder to start in, is a failure', async () => {
    await using folder = await openTempFolder({ broken: '#!/no/such/interpreter\n' })
    await chmod(folder.at('broken'), 0o755)
    const broken = await callFailing(createShellTool({ allow: [folder.at('broken')], cwd: '/' }), { program: 'broken' })
    const nowhere = await callFailing(createShellTool({ allow: ['echo'], cwd: folder.at('gone') }), { program: 'echo' })
    const long = Array.from({ length: 100 }, () => 'x'.repeat(100_000))
    const large = await callFailing(createShellTool({ allow: ['echo'], cwd: '/' }), { program: 'echo', args: long })
    expect(large.message).toBe('program "echo" could not be started (E2BIG)')
    const nul = await callFailing(createShellTool({ allow: ['echo'], cwd: '/' }), {
      program: 'echo',
      args: ['a', '\0'],
    })
    expect([broken, nowhere, nul].map(({ code, message }) => [code, message])).toEqual([
      ['BUILTIN_FAILED', 'program "broken" could not be started (ENOENT)'],
      ['BUILTIN_FAILED', 'the folder that programs run in does not exist'],
      ['BUILTIN_REFUSED', 'args[1] has a null byte'],
    ])
  })
})

describe('limits', () => {
  test('of a long output, the beginning and the end are kept, and the program runs to its end', async () => {
    const script = 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo warning >&2; exit 5'
    const result = await call<Result>(sh({ maxOutputBytes: 100 }), { program: 'sh', args: ['-c', script] })
    expect(result).toMatchObject({ exitCode: 5, truncated: true, stderr: 'warning\n' })
    expect(result.stdout).toMatch(/^line 0\nline 1\n[^]*\n\[\d+ bytes left out\]\n[^]*line 19999\n$/)
    expect([result.stdout.length < 150, result.stdoutBytes > 200_000]).toEqual([true, true])
  })

  test('an output without an end is cut off with the time', async () => {
    const tool = createShellTool({ allow: ['yes'], cwd: '/', timeoutMs: 200, maxOutputBytes: 64 })
    const result = await call<Result>(tool, { program: 'yes' })
    expect(result).toMatchObject({ timedOut: true, truncated: true, signal: 'SIGTERM' })
  })

  test('the longest output, in the worst characters, fits into the result', async () => {
    const tool = node({ maxOutputBytes: 4000 })
    const program = "const t = '\\u0001'.repeat(9000); process.stdout.write(t); process.stderr.write(t)"
    const text = await tool.execute(JSON.stringify({ program: 'node', args: ['-e', program] }), createToolContext())
    expect([text.length > 40_000, text.length < (tool.policy?.maxResultBytes ?? 0)]).toEqual([true, true])
  })

  test('a program whose time is over is asked to end, with what it has written', async () => {
    const script = "trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.01; done"
    const result = await call<Result>(sh({ timeoutMs: 300 }), { program: 'sh', args: ['-c', script] })
    expect(result).toMatchObject({ exitCode: 7, timedOut: true, stdout: 'ready\nasked\n' })
  })

  test('one that does not listen is killed', async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
    const tool = sh({ timeoutMs: 200, killAfterMs: 100 })
    const result = await call<Result>(tool, { program: 'sh', args: ['-c', script] })
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true })
  })
})

describe('the whole group ends', () => {
  /** Starts a grandchild that ignores signals, writes its id, and waits for it. */
  const FAMILY = 'sh -c \'trap "" TERM; sh -c "trap \\"\\" TERM; echo \\$\\$ > pid; sleep 600"; sleep 600\' & wait'

  test.for(['timeout', 'abort'] as const)('grandchildren too, by %s', async (how) => {
    await using folder = await openTempFolder()
    const controller = new AbortController()
    const reason = new Error('enough')
    const tool = sh({ cwd: folder.path, killAfterMs: 50, timeoutMs: how === 'timeout' ? 500 : 60_000 })
    const context = createToolContext({ signal: controller.signal })
    const running = tool
      .execute(JSON.stringify({ program: 'sh', args: ['-c', FAMILY] }), context)
      .catch((error: unknown) => error)
    const pid = Number(await waitForLine(folder.at('pid')))
    expect(await isRunning(pid)).toBe(true)
    if (how === 'abort') controller.abort(reason)
    const outcome = await running
    await waitUntilGone(pid)
    const wasTimeout = typeof outcome === 'string' && outcome.includes('"timedOut":true')
    expect([outcome === reason, wasTimeout]).toEqual([how === 'abort', how === 'timeout'])
  })

  test('what a program leaves behind ends with it, and does not hold up the call', async () => {
    await using folder = await openTempFolder()
    const script = 'sleep 600 & echo $! > pid; echo done'
    const result = await call<Result>(sh({ cwd: folder.path }), { program: 'sh', args: ['-c', script] })
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n', timedOut: false })
    await waitUntilGone(Number(await readFile(folder.at('pid'), 'utf8')))
  })

  test.for([
    ['timeout', 'timeout 600 sleep 600 & echo $! > pid'],
    ['a shell with job control', 'set -m; sleep 600 & echo $! > pid'],
    [
      'a group in a group',
      'set -m; sh -c \'timeout 600 sh -c "echo \\$\\$ > pid; exec sleep 600"\' & while [ ! -s pid ]; do sleep 0.01; done',
    ],
    ['one that was stopped', 'sleep 600 & kill -STOP $!; echo $! > pid'],
  ])('what %s puts into a group of its own ends too', async ([, script]) => {
    await using folder = await openTempFolder()
    const result = await call<Result>(sh({ cwd: folder.path }), { program: 'sh', args: ['-c', `${script}; echo done`] })
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n', timedOut: false, truncated: false })
    await waitUntilGone(Number(await readFile(folder.at('pid'), 'utf8')))
  })

  test('what runs in a group of its own ends with the time, and does not hold up the call', async () => {
    await using folder = await openTempFolder()
    const script = "timeout 600 sh -c 'echo $$ > pid; exec sleep 600'"
    const tool = sh({ cwd: folder.path, timeoutMs: 500 })
    const result = await call<Result>(tool, { program: 'sh', args: ['-c', `${script}; echo done`] })
    expect(result).toMatchObject({ timedOut: true, truncated: false })
    await waitUntilGone(Number(await readFile(folder.at('pid'), 'utf8')))
  })

  test('a program of the same group as this process is not touched', async () => {
    await using folder = await openTempFolder()
    const other = spawn('sleep', ['600'], { stdio: 'ignore' })
    await once(other, 'spawn')
    await call<Result>(sh({ cwd: folder.path }), { program: 'sh', args: ['-c', 'timeout 600 sleep 600 &'] })
    expect(await isRunning(other.pid ?? 0)).toBe(true)
    other.kill('SIGKILL')
    await once(other, 'exit')
  })

  test('what leaves the group and holds the output open does not hold up the call', async () => {
    await using folder = await openTempFolder()
    const script =
      'setsid sh -c "echo \\$\\$ > pid; exec sleep 600" & while [ ! -s pid ]; do sleep 0.01; done; echo done'
    const result = await call<Result>(sh({ cwd: folder.path }), { program: 'sh', args: ['-c', script] })
    // What it would write is not waited for: nobody knows whether something is missing.
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n', truncated: true })
    process.kill(Number(await readFile(folder.at('pid'), 'utf8')), 'SIGKILL')
  })

  test('a call that is aborted before it begins starts nothing', async () => {
    await using folder = await openTempFolder()
    const controller = new AbortController()
    const reason = new Error('enough')
    const context = createToolContext({
      signal: controller.signal,
      sideEffect: async (_name, work) => {
        controller.abort(reason)
        return await work()
      },
    })
    const input = { program: 'sh', args: ['-c', 'echo > started'] }
    expect(await callFailing(sh({ cwd: folder.path }), input, context)).toBe(reason)
    await expect(readFile(folder.at('started'))).rejects.toThrow('ENOENT')
  })
})

test('a recorded call starts nothing and gives the same result', async () => {
  await using folder = await openTempFolder()
  const tool = sh({ cwd: folder.path })
  const live = recordingContext()
  const input = { program: 'sh', args: ['-c', 'echo ran >> log; exit 2'] }
  const result = await call(tool, input, live.context)
  const again = await call(tool, input, replayingContext(live.outcomes).context)
  expect([again, live.outcomes.map(({ name }) => name)]).toEqual([result, ['shell']])
  expect(await readFile(folder.at('log'), 'utf8')).toBe('ran\n')
})

test('it is not idempotent, and its policy can ask for approval', () => {
  expect(createShellTool({ allow: ['ls'], cwd: '.', policy: { approval: true } }).policy).toMatchObject({
    idempotent: false,
    approval: true,
  })
})

test.for([
  [{}, 'option allow is empty, expected programs'],
  [{ cwd: '.' }, 'option allow is empty, expected programs'],
  [{ allow: [], cwd: '.' }, 'option allow is empty, expected programs'],
  [{ allow: 'ls', cwd: '.' }, 'option allow is "ls", expected a list of texts'],
  [{ allow: ['bin/ls'], cwd: '.' }, 'option allow has "bin/ls", expected a name or an absolute path'],
  [{ allow: ['../ls'], cwd: '.' }, 'option allow has "../ls", expected a name or an absolute path'],
  [{ allow: ['ls', '/bin/ls'], cwd: '.' }, 'option allow has "ls" twice'],
  [{ allow: { ls: 1 }, cwd: '.' }, 'option allow is {"ls":1}, expected texts by name'],
  [{ allow: ['ls'] }, 'option cwd is missing, expected a path'],
  [{ allow: ['ls'], cwd: '.', env: { A: 1 } }, 'option env is {"A":1}, expected texts by name'],
  [{ allow: ['ls'], cwd: '.', timeoutMs: 0 }, 'option timeoutMs is 0'],
  [{ allow: ['ls'], cwd: '.', shell: true }, 'unknown option "shell"'],
  [{ allow: ['ls'], cwd: '.', policy: { replay: 'execute' } }, 'which a tool with idempotent false does not allow'],
] as const)('options %j are refused', ([options, message]) => {
  expect(() => createShellTool(options as unknown as ShellToolOptions)).toThrow(message)
})

function sh(options: Partial<ShellToolOptions> = {}): ReturnType<typeof createShellTool> {
  return createShellTool({ allow: ['sh'], cwd: shared.path, env: { PATH: process.env['PATH'] ?? '' }, ...options })
}

function node(options: Partial<ShellToolOptions> = {}): ReturnType<typeof createShellTool> {
  return createShellTool({ allow: { node: process.execPath }, cwd: shared.path, ...options })
}
