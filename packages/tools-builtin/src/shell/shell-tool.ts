import { stat } from 'node:fs/promises'
import { basename, isAbsolute, resolve } from 'node:path'

import { defineTool, type Tool, type ToolPolicy } from '@starling/tool'
import { BuiltinToolError } from '../builtin-tool-error.ts'
import {
  aPolicy,
  checkOptions,
  invalidOption,
  isRecord,
  milliseconds,
  overridePolicy,
  someText,
  texts,
  textsByName,
  wholeNumber,
} from '../check-options.ts'
import { effect } from '../effect.ts'
import { choiceField, fieldWithDefault, inputOf, textsField } from '../input-fields.ts'
import { findProgram } from './find-program.ts'
import { runProgram, type ProgramCall, type ProgramOutcome } from './run-program.ts'

/** How {@link createShellTool} may be set up. */
export interface ShellToolOptions {
  /**
   * The programs that may be run: names that are looked for in `searchPath`, or absolute paths, which the model
   * calls by their last name. An object gives them names of your own: `{ test: '/srv/app/run-tests' }`.
   */
  readonly allow: readonly string[] | Readonly<Record<string, string>>
  /** The folder that programs run in. Relative ones count from the working directory. */
  readonly cwd: string
  /** The whole environment of the programs; nothing is taken over. Default: empty. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Folders to look for programs in, as in `PATH`. Default: the `PATH` of this process. */
  readonly searchPath?: string | undefined
  /** A program that runs longer is ended, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined
  /** How long a program has to end by itself, once it is asked to, before it is killed. Default: 2,000. */
  readonly killAfterMs?: number | undefined
  /** The most that is kept of each of the two outputs, in bytes; from a longer one, its middle is left out. Default: 64 KiB. */
  readonly maxOutputBytes?: number | undefined
  /** Laid over the tool's own policy. */
  readonly policy?: ToolPolicy | undefined
}

/** What the model gets of a program that ran; a failed one is a result too. */
interface ShellResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string
  /** Of all that was written. */
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Whether something of either output is left out, or may be: what left the group still holds it open. */
  readonly truncated: boolean
}

const ARGUMENTS = { minLength: 0, maxLength: 100_000, maxItems: 1000 } as const

/** One byte of output may become six of JSON, and there are two of them. */
const JSON_GROWTH = 12
const BESIDE_BYTES = 64 * 1024

/**
 * Creates the tool `shell`, which runs a program of a list: without a shell, so nothing in the arguments is ever a
 * command of its own.
 *
 * A replay never calls it, and after a crash it is not called again without asking.
 *
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` for options that do not exist or do not fit.
 * @example
 * ```ts
 * const tools = [createShellTool({ allow: ['git', 'rg'], cwd: './checkout', policy: { approval: true } })]
 * ```
 */
export function createShellTool(options: ShellToolOptions): Tool {
  checkOptions('shell', options, {
    allow: (value) => (isRecord(value) ? textsByName(value) : texts(value)),
    cwd: someText,
    env: textsByName,
    searchPath: someText,
    timeoutMs: milliseconds,
    killAfterMs: milliseconds,
    maxOutputBytes: wholeNumber(16, 16 * 1024 * 1024),
    policy: aPolicy,
  })
  const programs = readPrograms(options.allow)
  const settings = readSettings(options)
  const { maxOutputBytes } = settings
  const own = { idempotent: false, maxResultBytes: JSON_GROWTH * maxOutputBytes + BESIDE_BYTES }
  return defineTool({
    name: 'shell',
    description:
      'Runs a program with arguments, without a shell: there are no pipes, wildcards or variables. Returns its exit ' +
      'code and what it wrote.',
    input: inputOf({
      program: choiceField('The program.', [...programs.keys()]),
      args: fieldWithDefault(textsField('Its arguments, each as one text.', ARGUMENTS), []),
    }),
    policy: overridePolicy(own, options.policy),
    execute({ program, args }, context) {
      return effect(context, 'shell', async () => {
        const { searchPath, ...call } = settings
        checkArguments(args)
        await checkFolder(call.cwd)
        const path = await findProgram(programs.get(program) ?? program, { name: program, searchPath, cwd: call.cwd })
        return describeOutcome(await runProgram({ ...call, path, name: program, args }, context.signal))
      })
    },
  })
}

type ShellSettings = Omit<ProgramCall, 'path' | 'name' | 'args'> & { readonly searchPath: string }

function readSettings(options: ShellToolOptions): ShellSettings {
  const { cwd, env = {}, searchPath = process.env['PATH'] ?? '', timeoutMs = 30_000 } = options
  if (someText(cwd) !== undefined) throw invalidOption('shell', 'option cwd is missing, expected a path')
  const { killAfterMs = 2000, maxOutputBytes = 64 * 1024 } = options
  return { cwd: resolve(cwd), env: { ...env }, searchPath, timeoutMs, killAfterMs, maxOutputBytes }
}

/** The programs by the names that the model uses, sorted. */
function readPrograms(allow: ShellToolOptions['allow']): ReadonlyMap<string, string> {
  const named = isList(allow) ? allow.map((entry) => [basename(entry), entry] as const) : Object.entries(allow ?? {})
  if (named.length === 0) throw invalidOption('shell', 'option allow is empty, expected programs')
  const programs = new Map<string, string>()
  for (const [name, program] of named) {
    if (!isAbsolute(program) && program !== basename(program)) {
      throw invalidOption('shell', `option allow has ${JSON.stringify(program)}, expected a name or an absolute path`)
    }
    if (programs.has(name)) throw invalidOption('shell', `option allow has ${JSON.stringify(name)} twice`)
    programs.set(name, program)
  }
  return new Map([...programs].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isList(allow: ShellToolOptions['allow']): allow is readonly string[] {
  return Array.isArray(allow)
}

function checkArguments(args: readonly string[]): void {
  const index = args.findIndex((arg) => arg.includes('\0'))
  if (index >= 0) throw new BuiltinToolError('BUILTIN_REFUSED', `args[${index}] has a null byte`)
}

async function checkFolder(cwd: string): Promise<void> {
  const stats = await stat(cwd).catch(() => undefined) // said below, without showing where it is
  if (stats?.isDirectory() === true) return
  throw new BuiltinToolError('BUILTIN_FAILED', 'the folder that programs run in does not exist')
}

function describeOutcome(outcome: ProgramOutcome): ShellResult {
  const { exitCode, signal, timedOut, stdout, stderr } = outcome
  return {
    exitCode,
    signal,
    timedOut,
    stdout: stdout.text,
    stderr: stderr.text,
    stdoutBytes: stdout.sizeBytes,
    stderrBytes: stderr.sizeBytes,
    truncated: stdout.truncated || stderr.truncated,
  }
}
