import type { AgentDefinition, RunHandle } from '@starling/core'
import { approveCommand, resumeCommand } from '../approvals/commands-to-type.ts'
import { DecisionReader } from '../approvals/decided-calls.ts'
import { isDecidable, readWaiting } from '../approvals/read-waiting.ts'
import { waitingLines } from '../approvals/show-waiting.ts'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { count } from '../output/format.ts'
import { createPaint, wantsColour } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { warn } from '../output/warn.ts'
import { readEvents } from '../read-log.ts'
import type { AppendGate } from './append-gate.ts'
import { createAttendant, type Attendant } from './attendant.ts'
import { createRunView, type RunView } from './run-view.ts'
import { createScreen, type Screen } from './screen.ts'

/** How a live run is followed. */
export interface FollowOptions {
  readonly definition: AgentDefinition
  /** What the run is recorded through. */
  readonly gate: AppendGate
  /** The agent module that was named, for saying how to go on. */
  readonly agent: string | undefined
  /** What becomes of calls that need approval. Default: `ask`. */
  readonly approve: string | undefined
  readonly quiet: boolean
}

// What ignores that it is aborted is left behind: whoever terminates a process kills it before long.
const GRACE_MS = 2000

/**
 * Shows a live run until it ends and resolves with the exit code for its
 * outcome. The first interrupt cancels the run, so that its log is closed
 * properly; a request to terminate leaves it open, to be resumed. A second one
 * of either ends the process, which leaves the run open too.
 */
export async function followRun(
  handle: RunHandle,
  invocation: Pick<Invocation, 'io' | 'out' | 'log'>,
  options: FollowOptions,
): Promise<ExitCode> {
  const { io, out } = invocation
  const interrupt = new AbortController()
  const terminated = Promise.withResolvers<undefined>()
  let terminating: Promise<void> | undefined
  let grace: NodeJS.Timeout | undefined
  const release = io.onInterrupt((signal) => {
    if (signal === 'SIGTERM') {
      terminating = options.gate.shut()
      grace = setTimeout(() => terminated.resolve(undefined), GRACE_MS)
    } else if (!out.json) {
      tell(io, '\ncancelling the run for good; interrupt again to end the process at once\n')
    }
    interrupt.abort()
    // What still stands on the terminal is not to be answered any more.
    void attendant.close()
    handle.cancel('interrupted')
  })
  // A log that cannot be read ends the run by itself.
  const readDenied = async () => deniedIn(options.gate.log, handle.runId).catch(() => [])
  const view = ignoringClosedOutput(createRunView({ io, out, quiet: options.quiet, readDenied }))
  const screen = createScreen(view, out.live)
  const attendant = createAttendant(handle, {
    ...options,
    io,
    log: options.gate.log,
    screen,
    tell: (text) => tell(io, text),
    tellsDenials: !out.json,
  })
  const ended = showRun(handle, invocation, { ...options, view, screen, attendant, signal: interrupt.signal })
  try {
    const first = await Promise.race([ended, terminated.promise])
    return first ?? (await leaveOpen(handle, invocation, options))
  } catch (error) {
    if (terminating === undefined) throw error
    return await leaveOpen(handle, invocation, options)
  } finally {
    await terminating
    clearTimeout(grace)
    await attendant.close()
    release()
  }
}

/** The calls of the last answer that were denied. */
async function deniedIn(log: AppendGate['log'], runId: string): Promise<readonly string[]> {
  const decisions = new DecisionReader()
  for await (const event of readEvents(log, runId)) decisions.follow(event)
  const ofCalls = decisions.ofLastTurn().filter((one) => one.type === 'approval-decided' && one.decision === 'deny')
  return ofCalls.map(({ callId }) => callId)
}

/** Says how a run that was left open is taken up again. */
async function leaveOpen(
  { runId }: RunHandle,
  { io, out, log }: Pick<Invocation, 'io' | 'out' | 'log'>,
  { gate, agent }: FollowOptions,
): Promise<ExitCode> {
  await gate.shut()
  const [first] = await gate.log.read(runId, { limit: 1 })
  const message =
    first === undefined
      ? `terminated before anything of run ${runId} was recorded`
      : `terminated; run ${runId} is open, go on with: ${resumeCommand({ log, runId, agent })}`
  await warn({ io, out }, { code: 'CLI_RUN_STATE', message })
  return EXIT.terminated
}

/** Says what a run that was left open waits for, and how to decide on it. */
async function tellWaiting(
  { runId }: RunHandle,
  { io, out, log }: Pick<Invocation, 'io' | 'out' | 'log'>,
  { gate, agent }: FollowOptions,
): Promise<ExitCode> {
  if (out.json) return EXIT.suspended // The result has said it.
  const waiting = await readWaiting(gate.log, runId)
  const paint = createPaint(wantsColour(io.env, io.stderr.isTTY))
  const layout = { paint, nowMs: io.nowMs(), columns: io.stderr.columns, withoutRun: true }
  const open = waiting.filter((call) => isDecidable(call, layout.nowMs))
  const target = { log, runId, agent }
  const lines = [
    `run ${printableLine(runId)} waits for ${count(waiting.length, 'decision')}:`,
    ...waiting.flatMap((call) => waitingLines(call, layout)),
    open.length === 0 ? `go on with: ${resumeCommand(target)}` : `decide with: ${approveCommand(target, open)}`,
  ]
  tell(io, lines.map((line) => `${line}\n`).join(''))
  return EXIT.suspended
}

interface ShowOptions extends FollowOptions {
  readonly view: RunView
  readonly screen: Screen
  readonly attendant: Attendant
  readonly signal: AbortSignal
}

async function showRun(
  handle: RunHandle,
  invocation: Pick<Invocation, 'io' | 'out' | 'log'>,
  options: ShowOptions,
): Promise<ExitCode> {
  const { view, screen, attendant, signal } = options
  // Observed below in any case; a rejection must not count as unhandled until then.
  handle.result.catch(() => undefined)
  try {
    for await (const update of handle) {
      await screen.update(update)
      attendant.attend(update)
    }
  } finally {
    await attendant.close()
  }
  const result = await handle.result
  await view.done(result)
  if (result.status === 'suspended') return tellWaiting(handle, invocation, options)
  if (result.status === 'completed') return EXIT.ok
  return result.status === 'cancelled' && signal.aborted ? EXIT.interrupted : EXIT.failure
}

/** Writes to stderr what can do without being read. */
function tell(io: Invocation['io'], text: string): void {
  Promise.resolve()
    .then(async () => io.stderr.write(text))
    .catch(() => undefined) // Nobody reads it: there is nobody to tell that either.
}

/** The log is the product: a reader of the output that goes away must not end the run. */
function ignoringClosedOutput(view: RunView): RunView {
  let closed = false
  const guard = async (print: () => Promise<void>): Promise<void> => {
    if (closed) return
    try {
      await print()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
      closed = true
    }
  }
  return {
    update: async (update) => guard(async () => view.update(update)),
    done: async (result) => guard(async () => view.done(result)),
  }
}
