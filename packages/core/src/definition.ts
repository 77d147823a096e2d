import type { BudgetCaps } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import type { ModelRequest, Provider } from '@starling/provider'
import type { Clock, Entropy, IdSource, Observer, PriceTable, RetryPolicy } from '@starling/step'
import type { Tool, ToolAnswer, ToolErrorPolicy, ToolInputSchema, ToolQuestion, ToolSource } from '@starling/tool'
import type { ModelSettings } from './settings.ts'

/** A tool call that waits for a decision, or for the answer to a question that it has asked. */
export interface ApprovalRequest {
  readonly runId: string
  readonly turnId: string
  readonly callId: string
  readonly tool: string
  /** The arguments as JSON text. */
  readonly input: string
  /**
   * `policy`: the tool or the agent's policy asks for approval; `in_doubt`: the call may already have happened before
   * a crash; `question`: the tool runs, and wants to know something.
   */
  readonly reason: 'policy' | 'in_doubt' | 'question'
  /** Why the policy asks, in its own words. Default: it does not say. */
  readonly because?: string | undefined
  /** BLAKE3-256 of what is decided on as canonical CBOR, in hex: of the arguments, or of the question. */
  readonly argsHash: string
  /** When nobody will be waited for any longer, in milliseconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined
  /** What the tool wants to know. To approve is to accept (a form with its content as `input`), to deny is to decline. */
  readonly question?: ToolQuestion | undefined
  /** Whether only the process that runs the tool can hand it the answer. Default: `false`. */
  readonly held?: boolean | undefined
}

/** The answer to an {@link ApprovalRequest}. */
export type ApprovalDecision = ApprovalChoice & {
  /** Why; shown to the model when the call is denied. */
  readonly reason?: string | undefined
  /** Who decided. */
  readonly by?: string | undefined
}

/** A decision on one call. */
export type CallDecision = ApprovalDecision & {
  readonly callId: string
  /** The turn of the call that is meant: ids of calls come again. Default: whichever call the id stands for at the time. */
  readonly turnId?: string | undefined
  /** The {@link ApprovalRequest.argsHash} of the arguments that were decided on; with others it counts not. Default: any. */
  readonly argsHash?: string | undefined
}

/** What becomes of a call that waits for a decision. */
export type ApprovalChoice =
  | {
      readonly decision: 'approve'
      /**
       * The arguments to call it with, as JSON text. Default: those of the model. For a question, the content of the form
       * as a JSON object. Default: an empty one.
       */
      readonly input?: string | undefined
    }
  | { readonly decision: 'deny' }
  | {
      /** The tool is not called: the model gets this result. */
      readonly decision: 'answer'
      /** The result as JSON text. */
      readonly result: string
    }

/** What a {@link CallPolicy} says of a call. */
export interface CallVerdict {
  readonly effect: 'allow' | 'ask' | 'deny'
  /** Why, for whoever decides and for the model. Default: none. */
  readonly reason?: string | undefined
}

/** Rules on tool calls; `createCallPolicy` of `@starling/policy` makes one. */
export interface CallPolicy {
  /** The rules as plain data: recorded and hashed at the start of a run. */
  readonly data: unknown
  /** Judges a call: the same for the same call, and without asking anybody. */
  evaluate(call: {
    readonly tool: string
    /** The arguments as canonical JSON text. */
    readonly input: string
  }): CallVerdict
}

/** A question that a running tool asks a person. */
export interface QuestionRequest {
  readonly runId: string
  readonly turnId: string
  /** As the model named it. */
  readonly callId: string
  /** The id that the call is recorded under: another one when it has been made again. */
  readonly loggedId: string
  readonly tool: string
  /** Unique in the run. */
  readonly questionId: string
  readonly question: ToolQuestion
  /** Whether the answer is of use to this process only: no other can give it. */
  readonly held: boolean
  /** When nobody will be waited for any longer, in milliseconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined
}

/** What an agent is, apart from the log it writes to: the value an agent module exports. */
export interface AgentDefinition<Output extends ToolInputSchema = ToolInputSchema> extends ModelSettings {
  readonly provider: Provider
  readonly model: string
  /**
   * `auto`, `any`, `none` or the name of a tool. A choice that forces the model
   * to call (`any`, a name) holds until it has: from then on it chooses freely,
   * until a person says something. Default: the vendor's own.
   */
  readonly toolChoice?: string | undefined
  /** Default: none. */
  readonly systemPrompt?: string | undefined
  /** Default: none. */
  readonly tools?: readonly Tool[] | undefined
  /**
   * Where more tools come from, such as the servers of the Model Context
   * Protocol: they are asked before a run begins, and what they offer is
   * recorded in it, so that resuming and replaying ask nobody. Default: none.
   */
  readonly toolSources?: readonly ToolSource[] | undefined
  /** Caps over the whole run, resumes included. Default: none. */
  readonly budget?: BudgetCaps | undefined
  /** Further provider parameters: plain data, or one CBOR map. Default: none. */
  readonly params?: Readonly<Record<string, unknown>> | Uint8Array | undefined
  /**
   * What the final answer must be: the schema of an object. An answer that does
   * not match is sent back with what is wrong with it; the value of the one that
   * matches is the run's `output`. Takes the place of `responseFormat`. Default: any text.
   */
  readonly output?: Output | undefined
  /** How often the model may correct an answer that does not match `output`. Default: 2. */
  readonly maxOutputRepairs?: number | undefined
  /**
   * How the model learns of the output schema. `provider`: by the vendor's own
   * means as far as the model has any that go with the agent's tools, else in
   * words. `prompt`: in words only, for a model whose vendor refuses the schema.
   * A run stays with what it was begun with. Default: `provider`.
   */
  readonly outputVia?: 'provider' | 'prompt' | undefined
  /** The most model calls of a run; 0 is no limit. Default: 50. */
  readonly maxTurns?: number | undefined
  /** Prefix of run ids: `<namespace>/<ULID>`. Default: none. */
  readonly namespace?: string | undefined
  /** Names the build of the application in the log. Default: none. */
  readonly appVersion?: string | undefined
  /** What a failed tool does: its error goes back to the model, or the run fails. Default: `feedback`. */
  readonly onToolError?: ToolErrorPolicy | undefined
  /**
   * What an answer does that the model did not finish (`max_tokens`, `filtered`,
   * `refusal`, `error`), or that it ended for a reason that is not known here
   * (`other`): it counts like any other, with the calls in it, or the run fails
   * before any of them is made. Default: `fail`; in the profile `reference`,
   * `complete`.
   */
  readonly onTruncated?: 'complete' | 'fail' | undefined
  /** The run fails after this many turns in a row whose calls all failed; 0 is no limit. Default: 5. */
  readonly maxFailedToolTurns?: number | undefined
  /**
   * How many of the calls that the model plans run at once. A replay goes beyond only where the recording has. Default: 8.
   */
  readonly maxParallelTools?: number | undefined
  /** How long a cancelled tool may take to give up by itself, in milliseconds. Default: 1,000. */
  readonly cancelGraceMs?: number | undefined
  /** When failed model calls are tried again. Default: three attempts. */
  readonly retry?: RetryPolicy | undefined
  /** Rates beside, or instead of, the built-in ones. */
  readonly prices?: PriceTable | undefined
  /** A USD cap on a model without a known price: refuse to start, or let it run uncounted. Default: `refuse`. */
  readonly unknownPrice?: 'refuse' | 'ignore' | undefined
  /** Fail a turn whose provider gives no hash of the raw response. Default: `false`. */
  readonly requireRawResponseHash?: boolean | undefined
  /**
   * Rules on every tool call, those that tools make themselves included: allow
   * it, ask first, or deny it. A tool's own `approval` still asks where the
   * policy allows: the most restrictive counts. Default: all are allowed.
   */
  readonly policy?: CallPolicy | undefined
  /**
   * How long a call waits for a decision before it is denied, and a tool for an answer before it is `cancel`, in
   * milliseconds from when it asked first; 0 is for ever.
   * A tool's own `approvalTimeoutMs` comes first. Default: 0.
   */
  readonly approvalTimeoutMs?: number | undefined
  /**
   * Decides on calls that need approval, when nobody does through a run handle. Default: nobody does, and what then
   * happens {@link RunOptions.onApproval} says.
   */
  readonly approve?: ((request: ApprovalRequest) => ApprovalDecision | Promise<ApprovalDecision>) | undefined
  /**
   * Answers the questions that tools ask while they run, when nobody does through a run handle. Default: nobody does, and
   * what then happens {@link RunOptions.onApproval} says.
   */
  readonly answer?: ((request: QuestionRequest) => ToolAnswer | Promise<ToolAnswer>) | undefined
  /**
   * `starling`: this runtime's rules. `reference`: those of the Go reference,
   * byte for byte: no extension keys, a failed tool ends the run, budgets count
   * per model call. Default: `starling`.
   */
  readonly profile?: 'starling' | 'reference' | undefined
}

/** An agent definition with the log it writes to and the ports it runs on. */
export interface AgentOptions<Output extends ToolInputSchema = ToolInputSchema> extends AgentDefinition<Output> {
  readonly log: EventLog
  /** See the work of every run: metrics, traces. Default: none. */
  readonly observers?: readonly Observer[] | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Default: the randomness of this machine. */
  readonly entropy?: Entropy | undefined
  /** Default: ULIDs from clock and entropy. */
  readonly ids?: IdSource | undefined
  /** Recorded in `RunStarted`. Default: this package's version. */
  readonly starlingVersion?: string | undefined
  /** How long a lease lasts without renewal, in milliseconds; 0 takes no leases. Default: 30,000. */
  readonly leaseMs?: number | undefined
}

/** Types an agent definition; an agent module exports the result as `agent`. */
export function defineAgent<Output extends ToolInputSchema = ToolInputSchema>(
  definition: AgentDefinition<Output>,
): AgentDefinition<Output> {
  return definition
}

/** The parameters of a request as plain data. */
export type RequestParams = ModelRequest['params']
