import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { byScale, freshFolder, type BenchContext, type Group } from './context.ts'
import { writePlainChild } from './plain-child.ts'
import { formatMs, type Row } from './row.ts'
import { median } from './rounds.ts'

const MAX_MS = 500

/** From the restart of a killed process to the first new model call. */
export const crashGroup: Group = { name: 'crash', measure: measureCrashes }

async function measureCrashes(context: BenchContext): Promise<readonly Row[]> {
  const cases = byScale(
    context,
    [[15, 20]] as const,
    [
      [150, 200],
      [1950, 2000],
    ] as const,
  )
  const rows: Row[] = []
  for (const [killedAt, turns] of cases) rows.push(...(await measureCrash(context, killedAt, turns)))
  return rows
}

async function measureCrash(context: BenchContext, killedAt: number, turns: number): Promise<readonly Row[]> {
  const times: number[] = []
  let repeated = 0
  for (let round = 0; round < byScale(context, 1, 7); round += 1) {
    const outcome = await crashOnce(freshFolder(context), killedAt, turns)
    times.push(outcome.restartMs)
    repeated += outcome.repeatedCalls
  }
  const ms = median(times)
  const what = `SIGKILL at turn ${killedAt} of ${turns}`
  return [
    {
      what: `${what}: from restart to the first new model call`,
      figure: `${formatMs(ms)} (at most ${formatMs(Math.max(...times))}, process start included)`,
      target: `≤ ${MAX_MS} ms`,
      met: ms <= MAX_MS,
    },
    { what: `${what}: repeated calls`, figure: String(repeated), target: '0', met: repeated === 0 },
  ]
}

interface CrashOutcome {
  readonly restartMs: number
  readonly repeatedCalls: number
}

async function crashOnce(folder: string, killedAt: number, turns: number): Promise<CrashOutcome> {
  const childPath = writePlainChild('crash.child')
  const end = await runChild(childPath, [folder, String(turns), String(killedAt)])
  if (end !== 'SIGKILL') throw new Error(`the process that was to be killed ended with ${end}`)
  const before = readCalls(folder).length
  const restartedAt = performance.timeOrigin + performance.now()
  const second = await runChild(childPath, [folder, String(turns), '0'])
  if (second !== 0) throw new Error(`the process that took up the run ended with ${second}`)
  const calls = readCalls(folder)
  const first = calls[before]
  if (first?.name !== `model ${killedAt + 1}`) throw new Error(`the first call after the restart is ${first?.name}`)
  const distinct = new Set(calls.map(({ name }) => name))
  if (distinct.size !== 2 * turns + 1) throw new Error(`${distinct.size} different calls of ${2 * turns + 1}`)
  return { restartMs: first.at - restartedAt, repeatedCalls: calls.length - distinct.size }
}

function runChild(childPath: string, args: readonly string[]): Promise<string | number | null> {
  const child = spawn(process.execPath, [childPath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
}

function readCalls(folder: string): readonly { readonly name: string; readonly at: number }[] {
  const lines = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const [what, turn, at] = line.split(' ')
    return { name: `${what} ${turn}`, at: Number(at) }
  })
}
