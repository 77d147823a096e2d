import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** Lines of output kept for the explanation of a failure. */
const TAIL_LINES = 400
const FIRST_HEARTBEAT_MS = 3_000
const HEARTBEAT_MS = 5_000
/** How long an interrupted command may take to end by itself. */
const GRACE_MS = 3_000
const ON_WINDOWS = process.platform === 'win32'
/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} [shell] for Windows, where npm is a script
 */

/**
 * @typedef {object} Outcome
 * @property {number} code the exit code, 128 + n when signal n ended the command
 * @property {string[]} tail the last lines it wrote
 * @property {NodeJS.Signals | undefined} interruptedBy the signal that reached this process meanwhile
 */

/**
 * Runs a command that talks to nobody: its output goes to a log, and a line now and then says it is alive.
 *
 * @param {Command} command
 * @param {{ logFile: string, say: (line: string) => void, firstHeartbeatMs?: number }} options
 * @returns {Promise<Outcome>}
 */
export async function runLogged(command, { logFile, say, firstHeartbeatMs = FIRST_HEARTBEAT_MS }) {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = createWriteStream(logFile, { flags: 'a' })
  log.write(`$ ${[command.file, ...command.args].join(' ')}\n`)
  const startedAt = Date.now()
  // Its own process group, so that an interrupt reaches everything it started.
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    shell: command.shell ?? false,
    detached: !ON_WINDOWS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** @type {string[]} */
  const tail = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false })
    createInterface({ input: stream }).on('line', (line) => keepLast(tail, line.trim()))
  }
  const stopHeartbeat = every(HEARTBEAT_MS, firstHeartbeatMs, () => {
    say(`  … ${Math.round((Date.now() - startedAt) / 1000)} s  ${(tail.at(-1) ?? 'no output yet').slice(0, 100)}`)
  })
  try {
    return { ...(await settle(child, { kill: (signal) => killGroup(child, signal), forwards: always })), tail }
  } finally {
    stopHeartbeat()
    await new Promise((resolve) => log.end(resolve))
  }
}

/**
 * Runs a command in the foreground: it has this process's input and output, and its exit code counts.
 *
 * @param {Command} command
 * @returns {Promise<Outcome>}
 */
export async function runForeground(command) {
  const child = spawn(command.file, command.args, { cwd: command.cwd, env: command.env, stdio: 'inherit' })
  const outcome = await settle(child, { kill: (signal) => child.kill(signal), forwards: notFromTerminal })
  return { ...outcome, tail: [] }
}

/**
 * A terminal sends its interrupt to the whole foreground group: the child has it already, and a second one
 * would mean "now, without cleaning up" to it.
 *
 * @param {NodeJS.Signals} signal
 */
function notFromTerminal(signal) {
  return signal !== 'SIGINT' || !(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)
}

function always() {
  return true
}

/**
 * Waits for the end of `child`, passing on the signals that arrive here.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ kill: (signal: NodeJS.Signals) => void, forwards: (signal: NodeJS.Signals) => boolean }} options
 * @returns {Promise<{ code: number, interruptedBy: NodeJS.Signals | undefined }>}
 */
async function settle(child, { kill, forwards }) {
  /** @type {NodeJS.Signals | undefined} */
  let interruptedBy
  /** @type {NodeJS.Timeout | undefined} */
  let grace
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    interruptedBy = signal
    if (!forwards(signal)) return
    kill(signal)
    if (forwards === always) grace ??= setTimeout(() => kill('SIGKILL'), GRACE_MS)
  }
  for (const signal of FORWARDED) process.on(signal, onSignal)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), interruptedBy }))
    })
  } finally {
    clearTimeout(grace)
    for (const signal of FORWARDED) process.removeListener(signal, onSignal)
  }
}

/**
 * The exit code a shell would report.
 *
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCode(code, signal) {
  if (code !== null) return code
  return 128 + (signal === null ? 0 : constants.signals[signal])
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
  if (child.pid === undefined) return
  try {
    if (ON_WINDOWS) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It has just ended.
  }
}

/**
 * @param {string[]} tail
 * @param {string} line
 */
function keepLast(tail, line) {
  if (line === '') return
  tail.push(line)
  if (tail.length > TAIL_LINES) tail.shift()
}

/**
 * @param {number} intervalMs
 * @param {number} firstMs
 * @param {() => void} beat
 * @returns {() => void} ends it
 */
function every(intervalMs, firstMs, beat) {
  /** @type {NodeJS.Timeout} */
  let timer = setTimeout(function next() {
    beat()
    timer = setTimeout(next, intervalMs)
  }, firstMs)
  return () => clearTimeout(timer)
}
