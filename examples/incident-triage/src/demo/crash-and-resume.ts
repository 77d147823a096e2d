import { decodePayload, KIND, kindName, type Event } from '@starling/event'
import { validateRun, type EventLog } from '@starling/eventlog'
import { check } from './demo-failure.ts'
import { readJournal, type JournalEntry } from './journal.ts'
import { runWorker, type WorkerEnd, type WorkerTask } from './start-worker.ts'
import { paint, say, sayProved } from './terminal.ts'

/** What {@link crashAndResume} works on. */
export interface CrashOptions extends Omit<WorkerTask, 'task'> {
  /** The log at `path`, to look into. */
  readonly log: EventLog
}

/** Kills a run in the middle of a tool call, resumes it in another process, and checks what was done twice: nothing. */
export async function crashAndResume({ log, ...options }: CrashOptions): Promise<void> {
  const victim = await killInToolCall(options)
  const before = await log.read(options.runId)
  await checkOpen(log, before)
  say(`${paint('bold', 'resume')}  in another new process`)
  const heir = await runWorker({ ...options, task: 'resume' }, (message) => {
    if (message.type === 'event') say(message.line)
  })
  check(heir.code === 0, `process ${heir.pid} could not resume the run: ${heir.complaint}`)
  checkEachDoneOnce(await log.read(options.runId), before, readJournal(options.journal))
  check(victim.pid !== heir.pid && heir.pid !== process.pid, 'the run was resumed in the same process')
}

async function killInToolCall(options: Omit<WorkerTask, 'task'>): Promise<WorkerEnd> {
  let blocked = ''
  let completed = ''
  say(`${paint('bold', 'start')}   in a new process, whose second tool call never returns`)
  const victim = await runWorker({ ...options, task: 'run' }, (message, worker) => {
    if (message.type === 'event') {
      say(message.line)
      if (message.kind === KIND.ToolCallCompleted && completed === '') completed = `#${message.seq}`
    } else {
      blocked = message.tool
    }
    // Nothing to wait for: both facts are in, so the moment is now.
    if (blocked !== '' && completed !== '') worker.kill('SIGKILL')
  })
  if (victim.code === 0) check(false, 'the model made fewer than two tool calls: there was nothing to kill the run in')
  check(victim.signal === 'SIGKILL', `process ${victim.pid} ended before it was killed: ${victim.complaint}`)
  say(`${paint('red', '✗')} SIGKILL to process ${victim.pid}: ${completed} is durable, ${blocked} is still running`)
  return victim
}

async function checkOpen(log: EventLog, events: readonly Event[]): Promise<void> {
  const last = events.at(-1)
  check(last !== undefined, 'the killed run left no events')
  const { status, events: count } = await validateRun(log, last.runId)
  check(status === 'open', `the killed run should be open, it is ${status}`)
  const [done, open] = [completedCalls(events).size, openCalls(events).length]
  check(done > 0 && open > 0, `the killed run should have completed and open calls, it has ${done} and ${open}`)
  sayProved(
    `what the log holds: ${count} events, the last is #${last.seq} ${kindName(last.kind)}; ` +
      `${done} call done, ${open} cut off; the chain is intact`,
  )
}

/** The log says what was planned and done; the journal, what really happened. */
function checkEachDoneOnce(events: readonly Event[], before: readonly Event[], journal: readonly JournalEntry[]): void {
  const done = completedCalls(events)
  for (const callId of done) {
    const [began, ended] = [countPhase(journal, callId, 'began'), countPhase(journal, callId, 'ended')]
    check(began === 1 && ended === 1, `call ${callId} has a result, but began ${began} times and ended ${ended} times`)
  }
  const results = new Map<string, number>()
  for (const { callId, reissueOf = callId } of scheduledCalls(events)) {
    if (done.has(callId)) results.set(reissueOf, (results.get(reissueOf) ?? 0) + 1)
  }
  for (const [callId, count] of results) check(count === 1, `planned call ${callId} has ${count} results`)
  for (const callId of openCalls(before)) check(results.has(callId), `call ${callId} was cut off and never made again`)
  sayExecutions(journal)
  sayProved(`no completed call ran again: ${results.size} planned calls have ${done.size} results`)
}

function countPhase(journal: readonly JournalEntry[], callId: string, phase: JournalEntry['phase']): number {
  return journal.filter((entry) => entry.callId === callId && entry.phase === phase).length
}

function sayExecutions(journal: readonly JournalEntry[]): void {
  say(`${paint('bold', 'evidence')}  what the tools themselves appended to a file beside the log`)
  for (const { pid, tool, callId, phase } of journal) {
    if (phase !== 'began') continue
    const ended = journal.some((entry) => entry.phase === 'ended' && entry.callId === callId && entry.pid === pid)
    say(`process ${String(pid).padEnd(8)} ${tool.padEnd(16)} ${ended ? 'began, ended' : paint('red', 'began, killed')}`)
  }
}

function scheduledCalls(events: readonly Event[]): readonly { callId: string; reissueOf?: string | undefined }[] {
  return events
    .filter(({ kind }) => kind === KIND.ToolCallScheduled)
    .map(({ payload }) => decodePayload(KIND.ToolCallScheduled, payload))
}

function completedCalls(events: readonly Event[]): ReadonlySet<string> {
  const completed = events.filter(({ kind }) => kind === KIND.ToolCallCompleted)
  return new Set(completed.map(({ payload }) => decodePayload(KIND.ToolCallCompleted, payload).callId))
}

function openCalls(events: readonly Event[]): readonly string[] {
  const ended = new Set(completedCalls(events))
  for (const { kind, payload } of events) {
    if (kind === KIND.ToolCallFailed) ended.add(decodePayload(kind, payload).callId)
  }
  return scheduledCalls(events).flatMap(({ callId }) => (ended.has(callId) ? [] : [callId]))
}
