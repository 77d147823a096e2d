import { validateRun, type EventLog } from '@starling/eventlog'
import { AGENT_FLAG } from '../agent/agent-flags.ts'
import { checkAgentSetup } from '../agent/check-agent-setup.ts'
import { keysThatAreSet } from '../agent/provider-keys.ts'
import { waitingOfRun } from '../approvals/waiting-of-run.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { CliIo, Diagnosis, StoredLog } from '../io.ts'
import { hidePasswords } from '../log-url.ts'
import { openLog } from '../open-log.ts'
import { printableLine } from '../output/printable.ts'
import { shellWord } from '../output/shell-word.ts'
import { packageVersion } from '../package-version.ts'
import { readRuns } from '../read-log.ts'
import { exitCodeOf, messageOf } from '../report-failure.ts'

/** Checks this machine and, when one is named, a log. */
export const command: Command = defineCommand({
  log: 'optional',
  args: [],
  flags: {
    agent: {
      ...AGENT_FLAG.agent,
      summary: 'an agent module to load, and to look for the key, the price and the tools of',
    },
  },
  description: `Checks what starling needs on this machine and, when a log is named, its schema and every run in it.
Of provider keys it tells which variables are set, never what is in them; with --agent, whether its provider
finds one, and what its tool sources offer when they are asked. Missing keys and prices, and runs that have not ended,
are told, but are no failure.`,
  examples: ['doctor', 'doctor runs.db', 'doctor --agent ./agent.ts'],
  async run(invocation) {
    const { io, log: target, flags } = invocation
    const checks = [
      { name: 'starling version', status: 'ok', note: packageVersion() } as const,
      checkNode(),
      checkTypeScript(),
      checkKeys(io),
      ...(flags.agent === undefined ? [] : await checkAgent(flags.agent, io)),
      ...(target === '' ? [] : await checkLog(io, target, invocation.isDefaultLog)),
    ]
    return report(invocation, checks)
  },
})

interface Check extends Diagnosis {
  /** What the process exits with when the check failed. Default: 1. */
  readonly exit?: ExitCode | undefined
}

function checkNode(): Check {
  const { node } = process.versions
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const recent = major > 22 || (major === 22 && minor >= 14)
  return {
    name: 'node version',
    status: recent ? 'ok' : 'fail',
    note: recent ? node : `${node}; 22.14 or newer is needed`,
  }
}

function checkTypeScript(): Check {
  const loads = process.features.typescript !== false
  const note = loads
    ? 'agent modules may be .ts'
    : 'this Node loads no .ts; use 22.18 or newer, or write the agent in .js'
  return { name: 'typescript', status: loads ? 'ok' : 'info', note }
}

function checkKeys(io: CliIo): Check {
  const found = keysThatAreSet(io.env)
  const note =
    found.length > 0
      ? `found: ${found.join(' ')}`
      : 'none set (OPENAI_API_KEY, ANTHROPIC_API_KEY, …); the scripted provider needs none'
  return { name: 'provider api keys', status: found.length > 0 ? 'ok' : 'info', note }
}

async function checkAgent(file: string, io: CliIo): Promise<readonly Check[]> {
  try {
    return await checkAgentSetup(file, io)
  } catch (error) {
    return [{ name: 'agent', status: 'fail', note: messageOf(error), exit: exitCodeOf(error) }]
  }
}

async function checkLog(io: CliIo, target: string, isDefault: boolean): Promise<readonly Check[]> {
  // Before the first run, the log of the configuration is not there yet.
  if (isDefault && !(await io.store.exists(target)))
    return [{ name: 'log', status: 'info', note: `no log at ${target} yet; \`starling run\` makes it` }]
  try {
    await using log = await openLog(io, target, 'inspect')
    return [
      { name: 'log', status: 'ok', note: `${target} can be read` },
      ...((await log.diagnose?.()) ?? []),
      await attempt('schema version', async () => checkSchema(log, io, { target, isDefault })),
      // Without a schema there is nothing that could be validated.
      ...((await log.schemaVersion?.()) === 0 ? [] : [await attempt('chain validation', async () => checkChains(log))]),
    ]
  } catch (error) {
    return [{ name: 'log', status: 'fail', note: hidePasswords(messageOf(error)), exit: exitCodeOf(error) }]
  }
}

async function checkSchema(
  log: StoredLog,
  io: CliIo,
  { target, isDefault }: { readonly target: string; readonly isDefault: boolean },
): Promise<Omit<Check, 'name'>> {
  if (log.schemaVersion === undefined) return { status: 'info', note: 'this kind of log has none' }
  const version = await log.schemaVersion()
  const latest = io.store.kindOf(target).latestSchemaVersion ?? version
  if (version === latest) return { status: 'ok', note: `v${version}, up to date` }
  if (version === 0 && isDefault) return { status: 'info', note: 'no log yet; `starling run` makes it' }
  const todo =
    version < latest ? `run \`starling migrate ${shellWord(target)}\`` : 'written by a newer starling: update this one'
  return { status: 'fail', note: `v${version}, this program writes v${latest}; ${todo}` }
}

async function checkChains(log: EventLog): Promise<Omit<Check, 'name'>> {
  let runs = 0
  let open = 0
  const corrupt: string[] = []
  let waiting = 0
  for await (const run of readRuns(log)) {
    const { runId } = run
    const { status, reason = '' } = await validateRun(log, runId)
    runs += 1
    if (status === 'open') {
      open += 1
      if ((await waitingOfRun(log, run)) > 0) waiting += 1
    }
    if (status === 'corrupt') corrupt.push(`run ${runId}: ${reason}`)
  }
  if (runs === 0) return { status: 'ok', note: 'no runs to validate' }
  if (corrupt[0] === undefined) {
    const waits = waiting === 0 ? '' : ` (${waiting} waiting for a decision)`
    return { status: 'ok', note: `${runs} runs validated${open === 0 ? '' : `, ${open} not ended${waits}`}` }
  }
  const more = corrupt.length === 1 ? '' : ` (and ${corrupt.length - 1} more)`
  return { status: 'fail', note: `${corrupt[0]}${more}`, exit: EXIT.corrupt }
}

async function attempt(name: string, check: () => Promise<Omit<Check, 'name'>>): Promise<Check> {
  try {
    return { name, ...(await check()) }
  } catch (error) {
    return { name, status: 'fail', note: messageOf(error), exit: exitCodeOf(error) }
  }
}

async function report({ out }: Pick<Invocation, 'out'>, checks: readonly Check[]): Promise<ExitCode> {
  const failed = checks.filter((check) => check.status === 'fail')
  if (out.json) {
    await out.data({
      ok: failed.length === 0,
      checks: checks.map(({ name, status, note }) => ({ name, status, note })),
    })
  } else {
    const mark = { ok: out.paint.green('✓'), info: out.paint.cyan('·'), fail: out.paint.red('✗') }
    for (const check of checks)
      await out.line(`${mark[check.status]} ${check.name.padEnd(22)} ${printableLine(check.note)}`)
  }
  const worst = failed.map((check) => check.exit ?? EXIT.failure)
  return worst.find((exit) => exit === EXIT.corrupt) ?? worst[0] ?? EXIT.ok
}
