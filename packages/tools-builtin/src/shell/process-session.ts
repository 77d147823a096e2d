import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** Where Linux shows its processes. */
const PROCESSES = '/proc'

/** What is killed may have started something just before. */
const MAX_ROUNDS = 5

/**
 * Sends a signal to a program and to everything that it has started: its group, and on Linux the other groups of
 * its session, into which shells with job control and `timeout` put what they run.
 */
export async function signalSession(leader: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  signalGroup(leader, signal)
  for (const pid of await membersOf(leader)) signalProcess(pid, signal)
}

/** Kills whatever is left of a program that has ended. */
export async function endSession(leader: number): Promise<void> {
  signalGroup(leader, 'SIGKILL')
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const left = await membersOf(leader)
    if (left.length === 0) return
    for (const pid of left) signalProcess(pid, 'SIGKILL')
  }
}

function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  // Windows has no groups, and can only follow a tree while its root is there.
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(leader), '/t', '/f'], { stdio: 'ignore' })
  else signalProcess(-leader, signal)
}

function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // There is nobody left, or nobody that may be killed.
  }
}

/** The processes of a session that still run; none where they cannot be looked up. */
async function membersOf(leader: number): Promise<readonly number[]> {
  if (process.platform !== 'linux') return []
  const names = await readdir(PROCESSES).catch(() => []) // no /proc in here: the group has to do
  return names.filter((name) => /^\d+$/.test(name) && sessionOf(name) === leader).map(Number)
}

/** The session of a process; `undefined` for one that has ended. */
function sessionOf(pid: string): number | undefined {
  // The name of the program comes first, in parentheses, and may have any in it.
  const text = readStat(pid)
  const [state, , , session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return state === undefined || /^[ZX]?$/.test(state) ? undefined : Number(session)
}

/** At once: the kernel makes these texts up, and asking for thousands of them in turn takes a hundred times as long. */
function readStat(pid: string): string {
  try {
    return readFileSync(`${PROCESSES}/${pid}/stat`, 'latin1')
  } catch {
    return '' // gone by now
  }
}
