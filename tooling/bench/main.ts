// `pnpm run bench`: every figure that the design asks for, beside its target. It measures the built packages.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { appendGroup } from './src/append.ts'
import type { BenchContext, Group, Scale } from './src/context.ts'
import { crashGroup } from './src/crash.ts'
import { installGroup } from './src/install.ts'
import { memoryGroup } from './src/memory.ts'
import { describePeers, installPeers } from './src/peers.ts'
import { postgresGroup } from './src/postgres.ts'
import { replayGroup } from './src/replay.ts'
import { formatTable, type Row } from './src/row.ts'
import { runCommand } from './src/run-command.ts'
import { searchGroup } from './src/search.ts'
import { startupGroup } from './src/startup.ts'
import { storageGroup } from './src/storage.ts'
import { toolsGroup } from './src/tools.ts'
import { turnGroup } from './src/turn.ts'
import { validationGroup } from './src/validation.ts'
import { wireGroup } from './src/wire.ts'

const GROUPS: readonly Group[] = [
  appendGroup,
  turnGroup,
  toolsGroup,
  wireGroup,
  storageGroup,
  validationGroup,
  replayGroup,
  crashGroup,
  searchGroup,
  postgresGroup,
  startupGroup,
  installGroup,
  memoryGroup,
]

const USAGE = `usage: pnpm run bench [options]

  --quick       every measurement once, small, in some ten seconds: to see that it works
  --full        look things up in 100,000 runs and 1,000,000 events instead of a tenth of that
  --no-peers    leave out the Vercel AI SDK, LangGraph.js and DBOS, which are installed when first needed
  --no-build    measure the build that is there
  --only <name> measure one group: ${GROUPS.map(({ name }) => name).join(', ')}
  --dir <path>  put the files of the measurements there. Default: the system's temporary folder
`

const { values } = parseArgs({
  allowNegative: true,
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: true },
    build: { type: 'boolean', default: true },
    only: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else if (values.only !== undefined && GROUPS.every(({ name }) => name !== values.only)) {
  console.error(`there is no group ${JSON.stringify(values.only)}\n\n${USAGE}`)
  process.exitCode = 2
} else await bench()

async function bench(): Promise<void> {
  if (values.build) await runCommand('turbo', ['run', 'build', '--output-logs=errors-only'])
  if (values.peers) await installPeers()
  const scale: Scale = values.quick ? 'quick' : values.full ? 'full' : 'default'
  const folder = mkdtempSync(join(values.dir, 'starling-bench-'))
  console.log(describeMachine(scale))
  try {
    report(await measure({ folder, scale, withPeers: values.peers }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What came of the groups. */
interface Measured {
  readonly rows: readonly Row[]
  readonly groups: number
  readonly crashed: readonly string[]
}

async function measure(context: BenchContext): Promise<Measured> {
  const groups = GROUPS.filter(({ name }) => values.only === undefined || values.only === name)
  const rows: Row[] = []
  const crashed: string[] = []
  for (const group of groups) {
    const began = performance.now()
    try {
      rows.push(...(await group.measure(context)))
    } catch (error) {
      // The others are worth measuring all the same.
      console.error(`${group.name} crashed`, error)
      crashed.push(group.name)
    }
    console.error(`${group.name} took ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
  return { rows, groups: groups.length, crashed }
}

// A missed target is a figure to look at; only a measurement that could not be taken is a failure.
function report({ rows, groups, crashed }: Measured): void {
  console.log(`\n${formatTable(rows)}`)
  const judged = rows.filter(({ met }) => met !== undefined)
  const missed = judged.filter(({ met }) => met === false)
  console.log(`\n${judged.length - missed.length} targets met, ${missed.length} missed`)
  const names = crashed.length === 0 ? '' : `: ${crashed.join(', ')}`
  console.log(`${groups - crashed.length} groups measured, ${crashed.length} crashed${names}`)
  if (crashed.length > 0) process.exitCode = 1
}

function describeMachine(scale: Scale): string {
  const memory = (totalmem() / 1024 ** 3).toFixed(0)
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, ${memory} GB`
  const load = `load ${loadavg()[0]?.toFixed(1)} at the start`
  const lines = [
    `${machine}, ${process.platform} ${process.arch}, Node ${process.versions.node}, ${load}, scale ${scale}`,
  ]
  if (values.peers) lines.push(`against ${describePeers()}`)
  return lines.join('\n')
}
