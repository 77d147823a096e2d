import type { InferToolInput, ToolInputSchema } from '@starling/tool'
import { checkAgentOptions, refuse } from './agent-options.ts'
import type { AgentOptions } from './definition.ts'
import { LiveInputs } from './live-inputs.ts'
import { toMessage } from './messages.ts'
import type { MessageOptions } from './messages.ts'
import { runLive } from './live-run.ts'
import type { Assignment } from './live-run.ts'
import { replayRun } from './replay.ts'
import type { ReplayOptions, ReplayReport } from './replay.ts'
import { createRunHandle, createUpdateListener, createUpdateObserver, UpdateQueue } from './run-handle.ts'
import type { RunHandle } from './run-handle.ts'
import type { RunResult } from './run-result.ts'
import { createSetup } from './session.ts'
import type { AgentSetup } from './session.ts'

/** How one run is made. */
export interface RunOptions extends MessageOptions {
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal | undefined
  /**
   * What becomes of a call that waits for a decision, and of a tool that asks, when the agent's own `approve` and
   * `answer` say nothing. `deny`: the call is denied, and the question is answered `cancel`, at once. `suspend`: the run
   * stops as soon as there is nothing else to do, with what it waits for on record; {@link decideApprovals} and a resume
   * go on with it, in any process. `wait`: until someone decides or answers through the handle. Default: `deny`; with a
   * handle, `wait`.
   *
   * The log of the profile `reference`, and of runs recorded before requests
   * were, has no place for what waits: `suspend` is refused there with
   * {@link CoreError} `CORE_INVALID_OPTIONS`.
   */
  readonly onApproval?: 'wait' | 'deny' | 'suspend' | undefined
}

/** How a run with a handle is made. */
export interface StreamOptions extends RunOptions {
  /** The id of the new run. Default: a fresh ULID, in the agent's namespace. */
  readonly runId?: string | undefined
}

/** How a run is taken up again. */
export interface ResumeOptions extends RunOptions {
  /** A message for the model. Default: none. */
  readonly message?: string | undefined
  /** Make calls again that have no outcome. Default: `true`. */
  readonly reissueTools?: boolean | undefined
  /** Go on although the run was recorded with another agent; its replay will differ. Default: `false`. */
  readonly force?: boolean | undefined
}

/** An agent bound to a log: everything it does is recorded there, and nothing is kept elsewhere. */
export interface Agent<Output = unknown> {
  /** Runs to the end. Resolves for completed, failed, cancelled and suspended runs; rejects when the run could not be recorded. */
  run(goal: string, options?: RunOptions): Promise<RunResult<Output>>
  /**
   * Like {@link Agent.run}, under an id of the caller's choice, which begins with the agent's namespace if it has one.
   *
   * @throws {@link CoreError} `CORE_RUN_EXISTS` when the log has a run of this id; `CORE_INVALID_OPTIONS`.
   */
  runWithId(runId: string, goal: string, options?: RunOptions): Promise<RunResult<Output>>
  /**
   * Starts a run and returns a handle on it at once.
   *
   * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for an id that is empty or outside the agent's namespace.
   */
  stream(goal: string, options?: StreamOptions): RunHandle<Output>
  /**
   * Continues a run whose process ended: nothing that has an outcome is done again.
   *
   * Throws like {@link Agent.stream}. The handle's `result` rejects with {@link CoreError} `CORE_RUN_NOT_FOUND`,
   * `CORE_RUN_ENDED`, `CORE_RUN_IN_USE`, `CORE_PENDING_CALLS`, `CORE_AGENT_MISMATCH`, `CORE_CORRUPT` or `CORE_SCHEMA_MISMATCH`.
   * The budget may be another one.
   */
  resume(runId: string, options?: ResumeOptions): RunHandle<Output>
  /**
   * Replays a recording without the model and compares every event.
   *
   * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_CORRUPT`, `CORE_SCHEMA_MISMATCH`, `CORE_INVALID_OPTIONS`;
   *   the reason of `options.signal`.
   */
  replay(runId: string, options?: ReplayOptions): Promise<ReplayReport>
}

/**
 * Makes an agent. Nothing is read or written before the first run.
 *
 * @throws {@link CoreError} `CORE_INVALID_OPTIONS` when the options are not usable.
 */
export function createAgent<Output extends ToolInputSchema = ToolInputSchema>(
  options: AgentOptions<Output>,
): Agent<InferToolInput<Output>> {
  checkAgentOptions(options)
  const setup = createSetup(options)
  if (options.budget?.maxUsd !== undefined && options.budget.maxUsd > 0) checkPrice(setup)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the schema lets through is of the type it says
  return new RecordingAgent(setup) as Agent<InferToolInput<Output>>
}

class RecordingAgent implements Agent {
  readonly #setup: AgentSetup

  constructor(setup: AgentSetup) {
    this.#setup = setup
  }

  run(goal: string, options: RunOptions = {}): Promise<RunResult> {
    return this.runWithId(this.#mintRunId(), goal, options)
  }

  async runWithId(runId: string, goal: string, options: RunOptions = {}): Promise<RunResult> {
    const setup = this.#setup
    checkRunId(setup, runId)
    const goalMessage = toMessage(setup, { what: 'the goal', content: goal, attachments: options.attachments })
    const inputs = new LiveInputs({
      runId,
      definition: setup.options,
      ids: setup.ids,
      rate: setup.rate,
      onApproval: checkOnApproval(setup, options.onApproval ?? 'deny', ['deny', 'suspend']),
      clock: setup.clock,
      signal: options.signal,
    })
    return runLive(
      setup,
      { type: 'start', runId, goal: goalMessage },
      { inputs, observers: setup.options.observers ?? [] },
    )
  }

  stream(goal: string, options: StreamOptions = {}): RunHandle {
    const { attachments, runId = this.#mintRunId() } = options
    const message = toMessage(this.#setup, { what: 'the goal', content: goal, attachments })
    return this.#open({ type: 'start', runId, goal: message }, options)
  }

  resume(runId: string, options: ResumeOptions = {}): RunHandle {
    const { message: content = '', attachments, reissueTools = true, force = false } = options
    const given = toMessage(this.#setup, { what: 'the message of a resume', content, attachments })
    const message = content === '' && given.attachments === undefined ? undefined : given
    return this.#open({ type: 'resume', runId, message, reissueTools, force }, options)
  }

  replay(runId: string, options: ReplayOptions = {}): Promise<ReplayReport> {
    return replayRun(this.#setup, runId, options)
  }

  #open(assignment: Assignment, options: RunOptions): RunHandle {
    const setup = this.#setup
    checkRunId(setup, assignment.runId)
    const updates = new UpdateQueue()
    const inputs = new LiveInputs({
      runId: assignment.runId,
      definition: setup.options,
      ids: setup.ids,
      rate: setup.rate,
      listener: {
        onApprovalRequested: (request) => updates.push({ type: 'approval-requested', ...request }),
        onQuestion: (request) => updates.push({ type: 'question-asked', ...request }),
        onProgress: ({ progress, total, message }, { callId, tool }) =>
          updates.push({ type: 'tool-progress', callId, tool, progress, total, message }),
      },
      onApproval: checkOnApproval(setup, options.onApproval ?? 'wait', ['wait', 'deny', 'suspend']),
      clock: setup.clock,
      signal: options.signal,
    })
    const observers = [...(setup.options.observers ?? []), createUpdateObserver(updates)]
    const onDurable = createUpdateListener(updates)
    return createRunHandle(assignment.runId, {
      setup,
      inputs,
      updates,
      start: () => runLive(setup, assignment, { inputs, observers, onDurable }),
    })
  }

  #mintRunId(): string {
    const { namespace } = this.#setup.options
    const id = this.#setup.ids.mint('run')
    return namespace === undefined || namespace === '' ? id : `${namespace}/${id}`
  }
}

/** Without a handle nobody could end a wait. */
function checkOnApproval<Choice extends string>(
  { options }: AgentSetup,
  given: Choice,
  allowed: readonly Choice[],
): Choice {
  if (!allowed.includes(given)) refuse(`onApproval is ${JSON.stringify(given)}, expected ${allowed.join(' or ')}`)
  if (given !== 'suspend' || options.profile !== 'reference') return given
  return refuse('onApproval "suspend" has no place in the log of the profile reference: it does not hold what waits')
}

function checkRunId(setup: AgentSetup, runId: string): void {
  const { namespace } = setup.options
  if (runId === '') refuse('a run id must not be empty')
  if (namespace === undefined || namespace === '' || runId.startsWith(`${namespace}/`)) return
  refuse(`run ${runId} is not in the agent's namespace ${namespace}`)
}

function checkPrice(setup: AgentSetup): void {
  const { model, unknownPrice, profile } = setup.options
  if (setup.rate !== undefined || unknownPrice === 'ignore' || profile === 'reference') return
  refuse(`budget maxUsd cannot be kept: no price is known for model ${model}; set prices, or unknownPrice: 'ignore'`)
}
