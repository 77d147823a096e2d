import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

import { BuiltinToolError } from '../builtin-tool-error.ts'
import { errorCode } from '../error-code.ts'
import { createOutputBuffer, type KeptOutput, type OutputBuffer } from './output-buffer.ts'
import { endSession, signalSession } from './process-session.ts'

/** A program, and what it is run with. */
export interface ProgramCall {
  /** Absolute. */
  readonly path: string
  /** As the model named it. */
  readonly name: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** How long it has to end by itself once it was asked to. */
  readonly killAfterMs: number
  /** Of each of its two outputs. */
  readonly maxOutputBytes: number
}

/** How a program ended. */
export interface ProgramOutcome {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
}

/** How long what was written is read on after everything that could write has been killed. */
const DRAIN_MS = 1000

/**
 * Runs a program without a shell, in a session and a process group of its own, to its end.
 *
 * When it ends, when its time is over and when `signal` is aborted, all that
 * is in there ends: asked first, then killed. Rejects with the reason of `signal`,
 * or with a `BuiltinToolError` when the program could not be started.
 */
export async function runProgram(call: ProgramCall, signal: AbortSignal): Promise<ProgramOutcome> {
  signal.throwIfAborted()
  const child = await start(call)
  const stdout = createOutputBuffer(call.maxOutputBytes)
  const stderr = createOutputBuffer(call.maxOutputBytes)
  const drains = [drain(child.stdout, stdout), drain(child.stderr, stderr)] as const
  const group = guardGroup(child, call, signal)
  const { exitCode, signalCode } = await group.ended
  // A program that it left behind may hold the outputs open.
  await settleWithin(Promise.all(drains.map(({ closed }) => closed)), DRAIN_MS)
  const [out, err] = [readDrained(drains[0], stdout), readDrained(drains[1], stderr)]
  child.stdout.destroy()
  child.stderr.destroy()
  signal.throwIfAborted()
  return { exitCode, signal: signalCode, timedOut: group.timedOut(), stdout: out, stderr: err }
}

interface Started extends ChildProcess {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
}

async function start({ path, name, args, cwd, env }: ProgramCall): Promise<Started> {
  try {
    const child = spawn(path, args, {
      cwd,
      env,
      shell: false,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    // Later errors are about signals that did not arrive; whether it has ended is seen by its end.
    child.on('error', () => undefined)
    if (isStarted(child)) return child
    throw new TypeError('expected a process with an id')
  } catch (cause) {
    const code = errorCode(cause) ?? String(cause)
    const message = `program ${JSON.stringify(name)} could not be started (${code})`
    throw new BuiltinToolError('BUILTIN_FAILED', message, { cause })
  }
}

function isStarted(child: ChildProcess): child is Started {
  return child.pid !== undefined && child.stdout !== null && child.stderr !== null
}

interface Drain {
  readonly closed: Promise<void>
  /** Whether all that can ever be written has been read. */
  readonly isDone: () => boolean
}

function drain(stream: Readable, buffer: OutputBuffer): Drain {
  const closed = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Uint8Array) => buffer.push(chunk))
    stream.once('close', resolve).on('error', () => undefined) // what closes it is told by `close`
  })
  return { closed, isDone: () => stream.readableEnded }
}

/** What was kept; where the output was given up, nobody knows what is missing. */
function readDrained({ isDone }: Drain, buffer: OutputBuffer): KeptOutput {
  const kept = buffer.read()
  return isDone() ? kept : { ...kept, truncated: true }
}

interface Group {
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signalCode: string | null }>
  timedOut(): boolean
}

/** Ends the group with its leader, with the time, and with the signal. */
function guardGroup(child: Started, { timeoutMs, killAfterMs }: ProgramCall, signal: AbortSignal): Group {
  const { pid } = child
  let timedOut = false
  let killer: NodeJS.Timeout | undefined
  const stop = (): void => {
    if (killer !== undefined) return
    void signalSession(pid, 'SIGTERM')
    killer = setTimeout(() => void signalSession(pid, 'SIGKILL'), killAfterMs)
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const cleanUp = (): void => {
    clearTimeout(timer)
    clearTimeout(killer)
    signal.removeEventListener('abort', stop)
  }
  return { ended: waitForAll(child, cleanUp), timedOut: () => timedOut }
}

/** Waits for a program, and ends what it started and left behind: that would go on unseen. */
async function waitForAll(child: Started, cleanUp: () => void): ReturnType<typeof waitForExit> {
  try {
    return await waitForExit(child)
  } finally {
    cleanUp()
    await endSession(child.pid)
  }
}

async function waitForExit(
  child: Started,
): Promise<{ readonly exitCode: number | null; readonly signalCode: string | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return { exitCode: child.exitCode, signalCode: child.signalCode }
}

async function settleWithin(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  work.then(() => resolve(), resolve)
  await promise
  clearTimeout(timer)
}
