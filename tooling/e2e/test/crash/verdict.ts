import { decodePayload, equalBytes, hashEvent, isTerminalKind, KIND } from '@starling/event'
import type { Event, Kind, PayloadByKind } from '@starling/event'
import { validateEvents } from '@starling/eventlog'
import type { Message } from '@starling/provider'
import type { Outcome } from './job.ts'
import { Journal } from './journal.ts'
import type { Note } from './journal.ts'
import { toDefinition } from './scenario.ts'
import type { Scenario } from './scenario.ts'

/** One run that was killed and brought to its end. */
export interface CrashedRun {
  readonly scenario: Scenario
  /** What the log held when the process was dead. */
  readonly before: readonly Event[]
  readonly after: readonly Event[]
  readonly notes: readonly Note[]
  readonly outcome: Outcome
  /** The last request of a run that nobody killed. */
  readonly undisturbed: readonly Message[]
}

type CallNote = Extract<Note, { type: 'call' }>

/** Holds a run against everything a crash must not break; returns what is broken. */
export function findBroken(run: CrashedRun): readonly string[] {
  return [
    ...findBrokenLog(run),
    ...findBrokenOutcome(run),
    ...findBrokenConversations(run),
    ...findRepeatedCalls(run),
    ...findRepeatedQuestions(run),
    ...findUnscheduledCalls(run),
    ...findMishandledDoubts(run),
    ...findBrokenReplays(run),
    ...(run.scenario.check?.(run.after) ?? []),
  ]
}

function findBrokenLog({ before, after }: CrashedRun): readonly string[] {
  const broken: string[] = []
  const dead = validateEvents(before)
  if (before.length > 0 && dead.status === 'corrupt') broken.push(`the crash left a corrupt log: ${dead.reason ?? ''}`)
  const whole = validateEvents(after)
  if (whole.status !== 'ok') broken.push(`the finished log is ${whole.status}: ${whole.reason ?? ''}`)
  const kept = before.every((event, index) => isSame(event, after[index]))
  if (!kept) broken.push('an event that was durable is gone or has changed')
  return broken
}

function isSame(event: Event, other: Event | undefined): boolean {
  return other !== undefined && equalBytes(hashEvent(event), hashEvent(other))
}

function findBrokenOutcome({ scenario, before, outcome }: CrashedRun): readonly string[] {
  const last = before.at(-1)
  const expected = last !== undefined && isTerminalKind(last.kind) ? 'CORE_RUN_ENDED' : scenario.expected
  return outcome.end === expected ? [] : [`the run ended as ${outcome.end}, expected ${expected}`]
}

/** In every request each planned call is answered exactly once, in the order of the plan, right after it. */
function findBrokenConversations({ scenario, after, notes, undisturbed }: CrashedRun): readonly string[] {
  const requests = notes.filter((note) => note.type === 'request').map((note) => note.messages)
  const broken = requests.flatMap((messages, index) =>
    findUnanswered(messages).map((text) => `request ${index + 1}: ${text}`),
  )
  const last = requests.at(-1) ?? []
  const answers = payloadsOf(after, KIND.AssistantMessageCompleted)
  const isAnswered = scenario.expected === 'completed'
  const seen = last.filter((message) => message.role === 'assistant').length
  if (isAnswered && seen !== answers.length - 1)
    broken.push(`the last request shows ${seen} of ${answers.length} answers`)
  if (scenario.isSteady !== false && JSON.stringify(last) !== JSON.stringify(undisturbed)) {
    broken.push(`the model saw ${JSON.stringify(last)}, undisturbed ${JSON.stringify(undisturbed)}`)
  }
  return broken
}

function findUnanswered(messages: readonly Message[]): readonly string[] {
  const broken: string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue
    const planned = message.toolUses.map((use) => use.callId)
    const rest = messages.slice(index + 1)
    const end = rest.findIndex((next) => next.role !== 'tool')
    const answered = (end < 0 ? rest : rest.slice(0, end)).map((next) => (next.role === 'tool' ? next.callId : ''))
    if (answered.join() !== planned.join()) broken.push(`planned ${planned.join()}, answered ${answered.join()}`)
  }
  const [results, plans] = [messages.filter((message) => message.role === 'tool'), messages.flatMap(plannedIn)]
  if (results.length !== plans.length) broken.push(`${results.length} results for ${plans.length} calls`)
  return broken
}

function plannedIn(message: Message): readonly string[] {
  return message.role === 'assistant' ? message.toolUses.map((use) => use.callId) : []
}

/** What had its outcome before the crash is not done again, and nothing is done twice under one schedule. */
function findRepeatedCalls({ before, after, notes }: CrashedRun): readonly string[] {
  const planOf = plansByCallId(after)
  const settled = new Set(settledIn(before).map((callId) => planOf.get(callId) ?? callId))
  const calls = livesCalls(notes)
  const again = calls.filter((call) => call.phase === 'finish' && settled.has(planOf.get(call.callId) ?? call.callId))
  const broken = again.map((call) => `call ${call.callId} of ${call.tool} had its outcome and was made again`)
  const seen = new Set<string>()
  const keys = new Map<string, string>()
  for (const { callId, attempt, key } of calls) {
    const schedule = `${callId}, attempt ${attempt}`
    if (seen.has(schedule)) broken.push(`call ${schedule} was made twice`)
    seen.add(schedule)
    const plan = planOf.get(callId) ?? callId
    if ((keys.get(plan) ?? key) !== key) broken.push(`call ${plan} was made again under another idempotency key`)
    keys.set(plan, key)
  }
  return broken
}

/** A person is asked once, and once more when a call may have happened since. */
function findRepeatedQuestions({ before, notes }: CrashedRun): readonly string[] {
  const decided = decidedIn(before)
  const asked = notes.filter((note) => note.type === 'asked').filter((note) => note.phase === 'finish')
  return asked
    .filter((note) => decided.has(note.callId))
    .map((note) => `a person was asked again about ${note.callId}, which had been decided`)
}

/** The planned calls that have been decided and not been scheduled since. */
function decidedIn(events: readonly Event[]): ReadonlySet<string> {
  const decided = new Set<string>()
  for (const event of events) {
    const [approval] = payloadsOf([event], KIND.SideEffectRecorded)
    if (approval?.name === 'starling/approval') decided.add(approval.callId ?? '')
    for (const call of payloadsOf([event], KIND.ToolCallScheduled)) decided.delete(call.reissueOf ?? call.callId)
  }
  return decided
}

/** Nothing is done before its schedule is durable. */
function findUnscheduledCalls({ before, after, notes }: CrashedRun): readonly string[] {
  // Where nothing was durable, the last process has started the run.
  const scheduledBefore = schedulesIn(before.length === 0 ? after : before)
  const scheduledAfter = schedulesIn(after)
  return livesCalls(notes)
    .filter(
      ({ phase, callId, attempt }) =>
        !(phase === 'finish' ? scheduledAfter : scheduledBefore).has(`${callId}/${attempt}`),
    )
    .map(({ callId, attempt }) => `call ${callId} was made before its attempt ${attempt} was on record`)
}

/** A call that may have happened and must not happen twice is reported, or decided by a person. */
function findMishandledDoubts({ scenario, before, after, notes }: CrashedRun): readonly string[] {
  const planOf = plansByCallId(after)
  const settled = new Set(settledIn(before).map((callId) => planOf.get(callId) ?? callId))
  const doubted = payloadsOf(before, KIND.ToolCallScheduled).filter(
    ({ tool, callId }) => policyOf(scenario, tool)?.idempotent === false && !settled.has(planOf.get(callId) ?? callId),
  )
  const plans = new Map(doubted.map(({ tool, callId }) => [planOf.get(callId) ?? callId, tool]))
  return [...plans].flatMap(([plan, tool]) => {
    const isPlans = (note: { readonly callId: string }): boolean => (planOf.get(note.callId) ?? note.callId) === plan
    const made = livesCalls(notes).some((note) => note.phase === 'finish' && isPlans(note))
    if (policyOf(scenario, tool)?.inDoubt === 'ask') {
      const asked = notes.some((note) => note.type === 'asked' && note.phase === 'finish' && note.callId === plan)
      if (!asked && !decidedIn(before).has(plan)) return [`nobody was asked about the call ${plan} in doubt`]
      return made ? [] : [`the call ${plan} in doubt was approved and not made`]
    }
    if (made) return [`the call ${plan} in doubt was made again`]
    const failed = payloadsOf(after.slice(before.length), KIND.ToolCallFailed).find(isPlans)
    return failed?.errorType === 'in_doubt'
      ? []
      : [`the call ${plan} in doubt ended as ${failed?.errorType ?? 'nothing'}`]
  })
}

function policyOf(
  scenario: Scenario,
  tool: string,
): { readonly idempotent?: boolean | undefined; readonly inDoubt?: string | undefined } | undefined {
  const { tools = [] } = toDefinition(scenario, new Journal('/nowhere', 'replay'))
  return tools.find(({ name }) => name === tool)?.policy
}

function findBrokenReplays({ after, outcome, notes, scenario }: CrashedRun): readonly string[] {
  const broken: string[] = []
  for (const [index, { status, divergences, warnings, eventsReproduced }] of outcome.replays.entries()) {
    const name = index === 0 ? 'the replay' : 'the replay without tools'
    if (status !== 'match' || divergences.length > 0) broken.push(`${name} diverged: ${JSON.stringify(divergences)}`)
    if (warnings.length > 0) broken.push(`${name} warned: ${JSON.stringify(warnings)}`)
    if (eventsReproduced !== after.length)
      broken.push(`${name} reproduced ${eventsReproduced} of ${after.length} events`)
  }
  for (const note of notes) {
    if (note.phase !== 'replay') continue
    if (note.type === 'request') broken.push('the replay asked the model')
    if (note.type === 'effect' && !note.name.endsWith('has ended'))
      broken.push(`the replay had the effect ${note.name}`)
    if (note.type === 'call' && policyOf(scenario, note.tool)?.idempotent === false)
      broken.push(`the replay made ${note.callId}`)
  }
  return broken
}

/** Calls outside replays. */
function livesCalls(notes: readonly Note[]): readonly CallNote[] {
  return notes.filter((note): note is CallNote => note.type === 'call' && note.phase !== 'replay')
}

/** The planned call behind each id under which a call was made. */
function plansByCallId(events: readonly Event[]): ReadonlyMap<string, string> {
  return new Map(payloadsOf(events, KIND.ToolCallScheduled).map((call) => [call.callId, call.reissueOf ?? call.callId]))
}

function settledIn(events: readonly Event[]): readonly string[] {
  const completed = payloadsOf(events, KIND.ToolCallCompleted)
  const failed = payloadsOf(events, KIND.ToolCallFailed).filter((failure) => failure.final === true)
  return [...completed, ...failed].map(({ callId }) => callId)
}

function schedulesIn(events: readonly Event[]): ReadonlySet<string> {
  return new Set(payloadsOf(events, KIND.ToolCallScheduled).map((call) => `${call.callId}/${call.attempt}`))
}

/** The payloads of one kind, in order. */
export function payloadsOf<K extends Kind>(events: readonly Event[], kind: K): PayloadByKind[K][] {
  return events.filter((event) => event.kind === kind).map((event) => decodePayload(kind, event.payload))
}
