import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callAll, lines, type CallResult } from './support/call.ts'

// What the Go implementation printed for these arguments over the same file.
interface Recorded {
  readonly args: readonly string[]
  readonly stdout: string
  readonly error: string | null
  readonly on_a_copy?: boolean
}

const FIXTURES = new URL('fixtures/', import.meta.url)
const recorded: readonly Recorded[] = JSON.parse(await readFile(new URL('cli.json', FIXTURES), 'utf8')).commands
// Every call starts a process, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: string
let results: ReadonlyMap<Recorded, CallResult>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-reference-'))
  const [original, copy] = [join(directory, 'runs.db'), join(directory, 'copy.db')]
  await copyFile(new URL('runs.db', FIXTURES), original)
  await copyFile(new URL('runs.db', FIXTURES), copy)
  const calls = recorded.map(({ args, on_a_copy: onACopy = false }) => ({
    argv: ours(args, onACopy ? copy : original),
  }))
  const printed = await callAll(calls)
  results = new Map(recorded.map((command, index) => [command, printed[index] as CallResult]))
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** The same request in our words: exports in the shape of the reference must be asked for. */
function ours(args: readonly string[], db: string): string[] {
  const argv = args.map((argument) => (argument === '$DB' ? db : argument))
  return argv[0] === 'export' ? [...argv, '--format', 'reference'] : argv
}

describe('the commands of the reference, over its file', () => {
  test.each(commands('export', (command) => command.error === null))('%s exports the same bytes', (_args, command) => {
    expect(result(command)).toEqual({ code: 0, stdout: command.stdout, stderr: '' })
  })

  test.each(commands('validate', (command) => command.args.length === 2))(
    '%s gives the same verdicts, but an open run is no failure',
    (_args, command) => {
      const expected = command.stdout.replace(/^(.*)\tCORRUPT: .* is not terminal$/gm, '$1\tOPEN')
      expect(result(command)).toEqual({ code: expected.includes('CORRUPT') ? 4 : 0, stdout: expected, stderr: '' })
    },
  )

  test.each(commands('validate', (command) => command.args.length === 3 && !command.stdout.includes('ERROR')))(
    '%s gives the same verdict',
    (_args, command) => {
      expect(result(command)).toEqual({ code: command.error === null ? 0 : 4, stdout: command.stdout, stderr: '' })
    },
  )

  test.each(
    ['prune', 'migrate', 'schema-version'].flatMap((name) => commands(name, (command) => command.error === null)),
  )('%s prints the same', (_args, command) => {
    expect(result(command)).toEqual({ code: 0, stdout: command.stdout, stderr: '' })
  })

  test.each(commands('prune', (command) => command.error !== null))('%s is a usage error', (_args, command) => {
    expect(result(command)).toMatchObject({ code: 2, stdout: '' })
    expect(lines(result(command).stderr)).toHaveLength(2)
  })

  test.each(titled(recorded.filter((command) => command.error?.endsWith('not found') === true)))(
    '%s is not found',
    (_args, command) => {
      const { code, stdout, stderr } = result(command)
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
      expect(stderr).toMatch(new RegExp(`^starling: ${escape(command.error ?? '')} in .*\\n$`))
    },
  )

  test.each(titled(recorded.filter((command) => command.error?.startsWith('expected <db>') === true)))(
    '%s is a usage error',
    (_args, command) => {
      expect(result(command)).toMatchObject({ code: 2, stdout: '' })
    },
  )

  test.each(commands('doctor', () => true))(
    '%s finds the corrupt run, and no fault with the schema',
    (_args, command) => {
      const { code, stdout } = result(command)
      expect(code).toBe(4)
      expect(stdout).toContain('✓ schema version         v2, up to date\n')
      expect(stdout).toContain(lines(command.stdout).find((line) => line.includes('chain validation')))
    },
  )

  test('every recorded command is compared above', () => {
    const compared = new Set(['export', 'validate', 'prune', 'migrate', 'schema-version', 'doctor'])
    expect(recorded.map(({ args }) => args[0]).filter((name) => !compared.has(name ?? ''))).toEqual([])
  })
})

function commands(name: string, wanted: (command: Recorded) => boolean): readonly (readonly [string, Recorded])[] {
  return titled(recorded.filter((command) => command.args[0] === name && wanted(command)))
}

function titled(found: readonly Recorded[]): readonly (readonly [string, Recorded])[] {
  return found.map((command) => [command.args.join(' '), command])
}

function result(command: Recorded): CallResult {
  const found = results.get(command)
  if (found === undefined) throw new Error(`${command.args.join(' ')} was not called`)
  return found
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
