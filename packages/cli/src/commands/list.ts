import type { BudgetExceeded } from '@starling/event'
import type { EventLog, ListRunsOptions, RunPage, RunSummary } from '@starling/eventlog'
import { waitingOfRun } from '../approvals/waiting-of-run.ts'
import { budgetOfRun } from '../budget-of-run.ts'
import { defineCommand, type Command, type FlagSpecs, type FlagValues } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { askLog } from '../open-log.ts'
import { budgetText } from '../output/budget-text.ts'
import { count, formatCost, formatDuration, formatTime } from '../output/format.ts'
import type { Paint } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { renderTable, type Cell, type Column } from '../output/table.ts'
import { parseSince } from '../parse-time.ts'
import { snakeKeys } from '../snake-keys.ts'
import { summaryJson } from '../summary-json.ts'
import { parseStatus, STATUS_WORDS } from '../status.ts'

const FLAGS = {
  status: {
    type: 'string',
    value: 'status',
    complete: STATUS_WORDS,
    summary: 'only completed, failed, cancelled or in-progress runs',
  },
  query: { type: 'string', short: 'q', value: 'text', summary: 'only runs with this text in their id or status' },
  since: {
    type: 'string',
    value: 'when',
    summary: 'only runs started after a date or an RFC 3339 time, or within a duration such as 24h',
  },
  tools: { type: 'boolean', summary: 'only runs that called a tool' },
  limit: { type: 'integer', short: 'n', value: 'n', summary: 'at most this many; 0 for all (default 50)' },
  offset: { type: 'integer', value: 'n', summary: 'skip this many (default 0)' },
} as const satisfies FlagSpecs

/** Lists runs, newest first. */
export const command: Command = defineCommand({
  log: 'required',
  args: [],
  flags: FLAGS,
  description: `Lists the runs of a log, newest first. Of those that a budget ended it says which one, and what was spent; those in
progress that wait for a decision are shown as waiting, and --json has for how many.`,
  examples: ['list runs.db', 'list runs.db --status failed --since 24h', 'list runs.db --json | jq .runs[0].run_id'],
  async run({ io, out, log: target, flags }) {
    const options = listOptions(flags, io.nowMs())
    const { page, facts } = await askLog(io, target, async (log) => listWithFacts(log, options))
    if (out.json) {
      const { totalMatching, limit, offset } = page
      await out.data({
        runs: page.runs.map((run) => runJson(run, facts)),
        total_matching: totalMatching,
        limit,
        offset,
      })
      return EXIT.ok
    }
    if (page.runs.length === 0) {
      await out.line(page.totalMatching === 0 ? '(no runs)' : `(no runs on this page; ${page.totalMatching} match)`)
      return EXIT.ok
    }
    const lines = renderTable(
      facts.budgets.size === 0 ? COLUMNS : [...COLUMNS, { title: 'BUDGET' }],
      page.runs.map((run) => row(run, facts, out.paint)),
      out.paint.bold,
    )
    for (const line of lines) await out.line(line.trimEnd())
    if (page.runs.length < page.totalMatching) {
      await out.line(
        out.paint.dim(`${page.runs.length} of ${count(page.totalMatching, 'run')}; --limit and --offset show the rest`),
      )
    }
    return EXIT.ok
  },
})

/** What the summaries of a page do not say. */
interface Facts {
  /** Which budget ended a run, of those that one ended. */
  readonly budgets: ReadonlyMap<string, BudgetExceeded>
  /** For how many decisions a run waits, of those that wait. */
  readonly waiting: ReadonlyMap<string, number>
}

async function listWithFacts(
  log: EventLog,
  options: ListRunsOptions,
): Promise<{ readonly page: RunPage; readonly facts: Facts }> {
  const page = await log.listRuns(options)
  const budgets = new Map<string, BudgetExceeded>()
  const waiting = new Map<string, number>()
  for (const run of page.runs) {
    const budget = await budgetOfRun(log, run)
    if (budget !== undefined) budgets.set(run.runId, budget)
    const decisions = await waitingOfRun(log, run)
    if (decisions > 0) waiting.set(run.runId, decisions)
  }
  return { page, facts: { budgets, waiting } }
}

function runJson(run: RunSummary, { budgets, waiting }: Facts): Record<string, unknown> {
  const budget = budgets.get(run.runId)
  return {
    ...summaryJson(run),
    ...(run.status === 'in progress' ? { waiting: waiting.get(run.runId) ?? 0 } : {}),
    ...(budget === undefined ? {} : { budget_exceeded: snakeKeys(budget) }),
  }
}

function listOptions(flags: FlagValues<typeof FLAGS>, nowMs: number): ListRunsOptions {
  return {
    limit: flags.limit ?? 50,
    offset: flags.offset ?? 0,
    status: flags.status === undefined ? undefined : parseStatus(flags.status),
    query: flags.query,
    startedAfter: flags.since === undefined ? undefined : parseSince(flags.since, '--since', nowMs),
    requireToolCalls: flags.tools,
  }
}

const COLUMNS: readonly Column[] = [
  { title: 'RUN' },
  { title: 'STATUS' },
  { title: 'STARTED' },
  { title: 'EVENTS', align: 'right' },
  { title: 'TURNS', align: 'right' },
  { title: 'TOOLS', align: 'right' },
  { title: 'TOKENS', align: 'right' },
  { title: 'COST', align: 'right' },
  { title: 'TIME', align: 'right' },
]

function row(run: RunSummary, { budgets, waiting }: Facts, paint: Paint): readonly Cell[] {
  const budget = budgets.get(run.runId)
  return [
    printableLine(run.runId),
    waiting.has(run.runId)
      ? { text: 'waiting', paint: paint.yellow }
      : { text: run.status, paint: paintStatus(run.status, paint) },
    formatTime(run.startedAt, 'seconds'),
    String(run.lastSeq),
    String(run.turnCount),
    String(run.toolCallCount),
    String(run.inputTokens + run.outputTokens),
    formatCost(run.costUsd),
    formatDuration(run.durationMs),
    ...(budgets.size === 0 ? [] : [budget === undefined ? '' : budgetText(budget)]),
  ]
}

function paintStatus(status: RunSummary['status'], paint: Paint): (text: string) => string {
  return { completed: paint.green, failed: paint.red, cancelled: paint.yellow, 'in progress': paint.cyan }[status]
}
