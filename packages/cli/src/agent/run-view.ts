import type { RunResult, RunUpdate } from '@starling/core'
import { decodePayload, KIND, readableJson, toHex, type BudgetExceeded, type Event } from '@starling/event'
import { readApprovalEvent } from '../approvals/recorded-approval.ts'
import { waitingJson } from '../approvals/show-waiting.ts'
import type { Invocation } from '../command.ts'
import { eventLine } from '../event-line.ts'
import { budgetText } from '../output/budget-text.ts'
import { count, formatCost, formatDuration } from '../output/format.ts'
import { printable, printableLine } from '../output/printable.ts'
import { toJson, type Printer } from '../output/printer.ts'
import { createProgress } from '../output/progress.ts'
import { snakeKeys } from '../snake-keys.ts'

/** Shows what happens in a run. */
export interface RunView {
  update(update: RunUpdate): Promise<void>
  done(result: RunResult): Promise<void>
}

/** How a view is made. */
export interface RunViewOptions extends Pick<Invocation, 'io' | 'out'> {
  readonly quiet: boolean
  /** Reads which calls have been denied before this process took the run up. Default: none. */
  readonly readDenied?: (() => Promise<readonly string[]>) | undefined
}

/**
 * Returns the view that fits: JSON lines, a live transcript on a terminal, or
 * for a script nothing but the answer on stdout and one line about the run on
 * stderr.
 */
export function createRunView(options: RunViewOptions): RunView {
  const view = chooseView(options)
  let budget: BudgetExceeded | undefined
  return {
    update: async (update) => {
      if (update.type === 'event' && update.event.kind === KIND.BudgetExceeded) {
        budget = decodePayload(KIND.BudgetExceeded, update.event.payload)
      }
      await view.update(update)
    },
    done: async (result) => view.done(result, result.error?.type === 'budget' ? budget : undefined),
  }
}

/** A view that is told which budget ended the run, if one did: the result does not say. */
interface InnerView {
  update(update: RunUpdate): Promise<void>
  done(result: RunResult, budget: BudgetExceeded | undefined): Promise<void>
}

function chooseView(options: RunViewOptions): InnerView {
  const { out, quiet } = options
  if (out.json) return jsonView(out, quiet)
  return out.live && !quiet ? liveView(options) : plainView(options)
}

function jsonView(out: Printer, quiet: boolean): InnerView {
  return {
    update: async (update) => {
      if (!quiet && update.type !== 'done') await out.line(updateJson(update))
    },
    done: async (result, budget) => {
      const json = resultJson(result, budget)
      await out.data(quiet ? json : { type: 'done', result: json })
    },
  }
}

function plainView({ io, out, quiet }: RunViewOptions): InnerView {
  return {
    update: async () => {},
    done: async (result, budget) => {
      // What the model says beside the calls that it wants to make is no answer yet.
      if (result.finalText !== '' && result.status !== 'suspended') await out.line(printable(result.finalText))
      if (!quiet || result.status !== 'completed') await io.stderr.write(`${describeResult(result, budget)}\n`)
    },
  }
}

function liveView({ io, out, readDenied = async () => [] }: RunViewOptions): InnerView {
  const { paint } = out
  const progress = createProgress(io, false)
  const denied = new DeniedCalls(readDenied)
  // What is being streamed decides where a line break is needed before the next thing.
  let streaming: 'text' | 'reasoning' | undefined
  const stream = async (kind: 'text' | 'reasoning', text: string): Promise<void> => {
    if (streaming !== kind) await endStream()
    await progress.end()
    streaming = kind
    await out.write(kind === 'text' ? printable(text) : paint.dim(printable(text)))
  }
  const endStream = async (): Promise<void> => {
    await progress.end()
    if (streaming !== undefined) await out.write('\n')
    streaming = undefined
  }
  return {
    update: async (update) => {
      switch (update.type) {
        case 'text-delta':
          return stream('text', update.text)
        case 'reasoning-delta':
          return stream('reasoning', update.text)
        case 'tool-started':
          await endStream()
          // It is not made: that it has failed, and why, comes next.
          if (await denied.has(update.callId)) return undefined
          return out.line(
            `${paint.yellow('→')} ${paint.bold(printableLine(update.tool))} ${shorten(printableLine(update.input))}`,
          )
        case 'tool-ended':
          await endStream()
          denied.delete(update.callId)
          return out.line(
            update.error === undefined
              ? `  ${paint.green('✓')} ${printableLine(update.tool)} ${paint.dim(shorten(printableLine(update.result ?? '')))}`
              : `  ${paint.red(`✗ ${printableLine(update.tool)} ${shorten(printableLine(update.error.replaceAll(/\s*\n\s*/g, ' ')))}`)}`,
          )
        case 'tool-progress':
          if (streaming !== undefined) await endStream()
          return progress.show(() => progressText(update, io.stderr.columns))
        // Asked elsewhere; here it ends what was being said.
        case 'approval-requested':
        case 'question-asked':
          return endStream()
        case 'event':
          denied.follow(update.event)
          if (!isNotable(update.event)) return undefined
          await endStream()
          return out.line(eventLine(update.event, paint))
        default:
          return undefined
      }
    },
    done: async (result, budget) => {
      await endStream()
      const line = describeResult(result, budget)
      const colour = { completed: paint.dim, suspended: paint.yellow, failed: paint.red, cancelled: paint.red }
      await out.line(colour[result.status](line))
    },
  }
}

/** The calls that were denied and have not ended. */
class DeniedCalls {
  readonly #read: () => Promise<readonly string[]>
  readonly #ids = new Set<string>()
  #reading: Promise<void> | undefined

  constructor(read: () => Promise<readonly string[]>) {
    this.#read = read
  }

  follow(event: Event): void {
    const recorded = readApprovalEvent(event)
    if (recorded?.type !== 'approval-decided') return
    if (recorded.decision === 'deny') this.#ids.add(recorded.callId)
    else this.#ids.delete(recorded.callId)
  }

  async has(callId: string): Promise<boolean> {
    this.#reading ??= this.#read().then((ids) => ids.forEach((id) => this.#ids.add(id)))
    await this.#reading
    return this.#ids.has(callId)
  }

  delete(callId: string): void {
    this.#ids.delete(callId)
  }
}

/** How far a call has come, on a line that is written over. */
function progressText(update: Extract<RunUpdate, { type: 'tool-progress' }>, columns = 80): string {
  const { tool, progress, total, message = '' } = update
  const far = total === undefined ? String(progress) : `${progress} of ${total}`
  return shorten(`  … ${printableLine(tool)} ${far} ${printableLine(message)}`.trimEnd(), columns - 1)
}

/** What a transcript would hide: failures, and where the run was taken up again. */
function isNotable(event: Event): boolean {
  const kinds: readonly number[] = [KIND.TurnFailed, KIND.BudgetExceeded, KIND.ContextTruncated, KIND.RunResumed]
  return kinds.includes(event.kind)
}

function describeResult(result: RunResult, budget: BudgetExceeded | undefined): string {
  const { runId, status, error, turnCount, toolCallCount, inputTokens, outputTokens, costUsd, durationMs } = result
  const why =
    error === undefined
      ? ''
      : status === 'cancelled'
        ? ` (${printableLine(error.message)})`
        : ` (${error.type}: ${printableLine(error.message)}${budget === undefined ? '' : `: ${budgetText(budget)}`})`
  const effort = `${count(turnCount, 'turn')}, ${count(toolCallCount, 'tool call')}, ${inputTokens + outputTokens} tokens`
  return `run ${printableLine(runId)} ${status}${why}: ${effort}, ${formatCost(costUsd)}, ${formatDuration(durationMs)}`
}

function updateJson(update: Exclude<RunUpdate, { type: 'done' }>): string {
  if (update.type === 'event') return `{"type":"event","event":${readableJson(update.event)}}`
  return toJson(snakeKeys(update))
}

/** Returns the result of a run as JSON data. */
function resultJson(result: RunResult, budget: BudgetExceeded | undefined): Record<string, unknown> {
  const { merkleRoot, cache, error = null, waiting, ...plain } = result
  const exceeded = budget === undefined ? {} : { budget_exceeded: snakeKeys(budget) }
  const calls = waiting === undefined ? {} : { waiting: waiting.map(waitingJson) }
  const root = { merkle_root: toHex(merkleRoot), cache: snakeKeys(cache) }
  return { ...snakeKeys(plain), error, ...calls, ...exceeded, ...root }
}

function shorten(text: string, length = 100): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
