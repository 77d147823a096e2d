// dist/agent-options.d.ts
import type { AgentOptions } from './definition.ts';
/**
 * Checks options as a JavaScript caller or a half-filled agent module may give
 * them, which the compiler cannot see.
 *
 * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for the first that is not usable.
 */
export declare function checkAgentOptions(options: AgentOptions): void;
/** Refuses what is not a text. */
export declare function checkText(value: unknown, name: string): void;
/** Throws a {@link CoreError} `CORE_INVALID_OPTIONS`. */
export declare function refuse(message: string, cause?: unknown): never;
/** Refuses what is not a list of tools with names of their own. */
export declare function checkTools(tools: NonNullable<AgentOptions['tools']>): void;
/** A choice among tools that are not there would fail the first call, and with it the run. */
export declare function checkToolChoice({ toolChoice, tools, params }: AgentOptions): void;
/** The names of the options that an agent can have, for whoever checks them before there is a log. */
export declare const AGENT_OPTION_NAMES: readonly string[];

// dist/agent.d.ts
import type { InferToolInput, ToolInputSchema } from '@starling/tool';
import type { AgentOptions } from './definition.ts';
import type { MessageOptions } from './messages.ts';
import type { ReplayOptions, ReplayReport } from './replay.ts';
import type { RunHandle } from './run-handle.ts';
import type { RunResult } from './run-result.ts';
/** How one run is made. */
export interface RunOptions extends MessageOptions {
    /** Cancels the run when aborted. */
    readonly signal?: AbortSignal | undefined;
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
    readonly onApproval?: 'wait' | 'deny' | 'suspend' | undefined;
}
/** How a run with a handle is made. */
export interface StreamOptions extends RunOptions {
    /** The id of the new run. Default: a fresh ULID, in the agent's namespace. */
    readonly runId?: string | undefined;
}
/** How a run is taken up again. */
export interface ResumeOptions extends RunOptions {
    /** A message for the model. Default: none. */
    readonly message?: string | undefined;
    /** Make calls again that have no outcome. Default: `true`. */
    readonly reissueTools?: boolean | undefined;
    /** Go on although the run was recorded with another agent; its replay will differ. Default: `false`. */
    readonly force?: boolean | undefined;
}
/** An agent bound to a log: everything it does is recorded there, and nothing is kept elsewhere. */
export interface Agent<Output = unknown> {
    /** Runs to the end. Resolves for completed, failed, cancelled and suspended runs; rejects when the run could not be recorded. */
    run(goal: string, options?: RunOptions): Promise<RunResult<Output>>;
    /**
     * Like {@link Agent.run}, under an id of the caller's choice, which begins with the agent's namespace if it has one.
     *
     * @throws {@link CoreError} `CORE_RUN_EXISTS` when the log has a run of this id; `CORE_INVALID_OPTIONS`.
     */
    runWithId(runId: string, goal: string, options?: RunOptions): Promise<RunResult<Output>>;
    /**
     * Starts a run and returns a handle on it at once.
     *
     * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for an id that is empty or outside the agent's namespace.
     */
    stream(goal: string, options?: StreamOptions): RunHandle<Output>;
    /**
     * Continues a run whose process ended: nothing that has an outcome is done again.
     *
     * Throws like {@link Agent.stream}. The handle's `result` rejects with {@link CoreError} `CORE_RUN_NOT_FOUND`,
     * `CORE_RUN_ENDED`, `CORE_RUN_IN_USE`, `CORE_PENDING_CALLS`, `CORE_AGENT_MISMATCH`, `CORE_CORRUPT` or `CORE_SCHEMA_MISMATCH`.
     * The budget may be another one.
     */
    resume(runId: string, options?: ResumeOptions): RunHandle<Output>;
    /**
     * Replays a recording without the model and compares every event.
     *
     * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_CORRUPT`, `CORE_SCHEMA_MISMATCH`, `CORE_INVALID_OPTIONS`;
     *   the reason of `options.signal`.
     */
    replay(runId: string, options?: ReplayOptions): Promise<ReplayReport>;
}
/**
 * Makes an agent. Nothing is read or written before the first run.
 *
 * @throws {@link CoreError} `CORE_INVALID_OPTIONS` when the options are not usable.
 */
export declare function createAgent<Output extends ToolInputSchema = ToolInputSchema>(options: AgentOptions<Output>): Agent<InferToolInput<Output>>;

// dist/approval-desk.d.ts
import type { Clock } from '@starling/step';
import type { CoreError } from './core-error.ts';
import type { AgentDefinition, ApprovalDecision, ApprovalRequest, CallDecision } from './definition.ts';
import type { RunState } from './run-state.ts';
/** A decision on its way into the log. */
export interface TakenDecision {
    readonly callId: string;
    readonly decision: ApprovalDecision;
    /** To be called once the decision is durable. */
    readonly recorded: () => void;
}
/** Whom an {@link ApprovalDesk} asks, and what it does when there is nobody. */
export interface ApprovalDeskOptions {
    readonly approve: AgentDefinition['approve'];
    /** `wait`: someone may decide later; `deny`: nobody will; `suspend`: nobody here will. It may change. */
    readonly onApproval: () => 'wait' | 'deny' | 'suspend';
    readonly clock: Clock;
    /** Told of a request that nobody has decided on. */
    readonly onRequested: (request: ApprovalRequest) => void;
    /** Takes a decision on a call that waits. */
    readonly onDecided: (taken: TakenDecision) => void;
}
/** Where a run stands. */
export type RunPlace = Pick<RunState, 'turnCount' | 'turnId' | 'openTurn' | 'planned' | 'isPending'>;
/** Where decisions on the calls of one live run come in: in any order, before or after they are asked for, once. */
export declare class ApprovalDesk {
    #private;
    constructor(options: ApprovalDeskOptions);
    /** Says where the run stands from now on; until then nobody knows which turn a decision is about. */
    attach(place: RunPlace): void;
    /** Asks for a decision, once. One that has come already, and is about this very call, is taken. */
    announce(request: ApprovalRequest): void;
    /** Whether a decision may still come from here. */
    get isAsking(): boolean;
    /**
     * Takes decisions, all of them or none.
     *
     * @returns when they are durable; rejects with {@link CoreError} `CORE_RUN_ENDED` when the run ends before, and with
     *   `CORE_NOT_WAITING` when one has come early and turns out to be about no call.
     * @throws {@link CoreError} `CORE_DECIDED`, `CORE_NOT_WAITING`, `CORE_RUN_ENDED`, `CORE_INVALID_OPTIONS`.
     */
    resolve(decisions: readonly CallDecision[]): Promise<void>;
    /** Takes no more decisions; those that are not durable yet will never be. */
    close(refusal: CoreError): void;
}

// dist/approval.d.ts
import type { Engine } from '@starling/step';
import { CoreError } from './core-error.ts';
import type { ApprovalDecision, ApprovalRequest, CallDecision } from './definition.ts';
/** The reserved name of the side effect that records a decision. */
export declare const APPROVAL = "starling/approval";
/** The reserved name of the side effect that records that a call waits for one. */
export declare const APPROVAL_REQUEST = "starling/approval-request";
/** That a call waits for a decision, as it is recorded. */
export interface RecordedRequest {
    readonly reason: 'policy' | 'in_doubt';
    readonly because: string | undefined;
    /** When nobody is waited for any longer, in milliseconds since the epoch. */
    readonly expiresAt: number | undefined;
}
/** Writes a request; `args` are the arguments, canonical CBOR. */
export declare function encodeRequest(request: RecordedRequest, args: Uint8Array): Uint8Array;
/** Reads a recorded request. */
export declare function decodeRequest(value: Uint8Array): RecordedRequest;
/** The hash by which a decision names the arguments that it is about, in hex. */
export declare function hashArgs(args: Uint8Array): string;
/** What a decision is recorded for. */
export interface ApprovalContext {
    /** What the call would be made with, canonical CBOR. */
    readonly args: Uint8Array;
    readonly engine: Engine;
    /** Whether the process that records it works on the run. */
    readonly outside: boolean;
}
/** A decision as it is recorded, with the hash of the arguments it lets through. Whatever does not say `approve` denies. */
export declare function encodeApproval(decision: ApprovalDecision, { args, engine, outside }: ApprovalContext): Uint8Array;
/** Reads a recorded decision. One that gives what cannot be read lets nothing through. */
export declare function decodeApproval(value: Uint8Array): ApprovalDecision;
/** Whether a recorded decision was made while no process worked on the run. */
export declare function isDecidedOutside(value: Uint8Array): boolean;
/** A decision that someone's code has made, or could not make. */
export declare function settleDecision(decide: () => unknown): Promise<ApprovalDecision>;
/**
 * A decision with its JSON texts in canonical form.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for arguments that are no JSON object, a result that is not JSON, and what is
 *   nested deeper than the log takes.
 */
export declare function checkDecision(decision: ApprovalDecision): ApprovalDecision;
/** One of the decisions that are given together. */
export interface GivenDecision extends Pick<CallDecision, 'callId' | 'turnId' | 'argsHash'> {
    readonly decision: ApprovalDecision;
}
/**
 * Decisions that are given together, checked one by one and against each other.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS`; `CORE_DECIDED` for two on one call that are not the same.
 */
export declare function checkDecisions(decisions: readonly CallDecision[]): readonly GivenDecision[];
/**
 * One decision, checked.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS`.
 */
export declare function checkGiven({ callId, turnId, argsHash, ...rest }: CallDecision): GivenDecision;
/** Why a decision is not about a call that waits; `undefined` when it is. */
export declare function findMismatch(given: GivenDecision, request: Pick<ApprovalRequest, 'turnId' | 'argsHash' | 'expiresAt' | 'question'>, nowNs: bigint): CoreError | undefined;
/** Whether the time for a decision has run out. */
export declare function isOver({ expiresAt }: Pick<ApprovalRequest, 'expiresAt'>, nowNs: bigint): boolean;
/** What whoever decides on a call that does not wait is told. */
export declare function notWaiting(text: string): CoreError;
/** What whoever decides in two ways at once is told. */
export declare function contradictory(callId: string, one: ApprovalDecision, other: ApprovalDecision): CoreError;
/** What whoever answers a question in another way than others before is told. */
export declare function alreadyAnswered(callId: string, by: string | undefined): CoreError;
/** What whoever decides on a call in another way than others before is told. */
export declare function alreadyDecided(callId: string, decided: ApprovalDecision): CoreError;
/** Whether two decisions come to the same, whoever made them. */
export declare function isSameDecision(a: ApprovalDecision, b: ApprovalDecision): boolean;

// dist/approvals.d.ts
import type { EventLog } from '@starling/eventlog';
import type { Clock } from '@starling/step';
import type { ApprovalRequest, CallDecision } from './definition.ts';
/** Which decisions are recorded from outside a run, and how. */
export interface DecideOptions {
    readonly runId: string;
    readonly decisions: readonly CallDecision[];
    /** Default: the clock of this machine. */
    readonly clock?: Clock | undefined;
    /** How long the lease lasts that keeps others off the run, in milliseconds. Default: 30,000. */
    readonly leaseMs?: number | undefined;
}
/**
 * Reads which calls of a run wait for a decision, in plan order. Needs no
 * agent. The calls of a run that has ended, or that does not exist, wait for
 * nothing.
 */
export declare function readApprovals(log: EventLog, runId: string): Promise<readonly ApprovalRequest[]>;
/** How {@link listApprovals} goes about runs that it cannot read. */
export interface ListApprovalsOptions {
    /** Told of each such run; the list goes on. Default: the list goes on, and throws at its end. */
    readonly onUnreadable?: ((runId: string, error: unknown) => void) | undefined;
}
/**
 * Reads which calls wait for a decision in any run of a log, the newest run
 * first. Needs no agent. A run that cannot be read hides nothing of the others.
 *
 * @throws {@link CoreError} `CORE_CORRUPT`, at the end of the list, naming the runs that could not be read.
 */
export declare function listApprovals(log: EventLog, { onUnreadable }?: ListApprovalsOptions): AsyncGenerator<ApprovalRequest>;
/**
 * Records decisions on calls of a run that no process is working on, all of
 * them or none, in one append. The run goes on with them when it is resumed. A
 * decision that has been made already is no harm. The time between the two does
 * not count against the wall-clock budget.
 *
 * No agent is at hand, and so no tool's `redact`: arguments and results that are
 * given here are in the decision as they are. They are redacted before the call
 * is made and its result recorded.
 *
 * @returns how many were recorded: those that had not been made already.
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_RUN_ENDED`, `CORE_RUN_IN_USE`, `CORE_CORRUPT`,
 *   `CORE_SCHEMA_MISMATCH`; `CORE_NOT_WAITING` for a call that does not wait for a decision, or no longer,
 *   or in another turn or with other arguments than the decision says; `CORE_DECIDED`, also for decisions that
 *   contradict each other; `CORE_INVALID_OPTIONS` for arguments or a result that are not JSON or are nested deeper than
 *   31 levels.
 */
export declare function decideApprovals(log: EventLog, { runId, decisions, clock, leaseMs }: DecideOptions): Promise<number>;

// dist/call-questions.d.ts
import type { SideEffectRecorded } from '@starling/event';
import type { CallEffects, OpenQuestion, RecordedAnswer } from '@starling/step';
/** A question that a call has asked, and what has become of it. */
export interface CallQuestion extends OpenQuestion {
    answer: RecordedAnswer | undefined;
    /** Whether the call has not gone on since: it has no answer, or one that it has not been given yet. */
    isStanding: boolean;
}
/** What a planned call has recorded by itself since it was scheduled, or since the schedule from which it goes on. */
export declare class CallRecord {
    #private;
    /** Its questions, in the order in which they were asked. */
    get questions(): readonly CallQuestion[];
    /** Those that wait for an answer. */
    get openQuestions(): readonly CallQuestion[];
    /**
     * Whether the call has asked, and is not known to have done anything since, nor beside it: it may be made again from
     * its start, and comes to the question again.
     */
    get isStanding(): boolean;
    /** What the call need not do again, where it goes on from a question; `undefined` where it begins anew. */
    get effects(): CallEffects | undefined;
    /**
     * Takes in what the call has recorded, or what was recorded for it.
     *
     * @param keeps - whether anything but questions and answers is of use later on.
     */
    note(effect: SideEffectRecorded, keeps: boolean): void;
    /** The call is made again: a call that has asked goes on from there, any other begins anew. */
    reissue(): void;
    /** The call was cut off while it did something beside its questions. */
    disturb(): void;
    /** The call begins anew. */
    clear(): void;
}
/** Whether an answer was recorded by a process that did not work on the run. */
export declare function isAnswerFromOutside({ name, value }: SideEffectRecorded): boolean;
/** The hash by which a decision names the question that it answers, in hex. */
export declare function questionHash({ question }: Pick<OpenQuestion, 'question'>): string;

// dist/core-error.d.ts
import { StarlingError } from '@starling/event';
/** Why an agent refused to run, resume or replay. */
export type CoreErrorCode = 
/** The definition of the agent or the options of a call are not usable. */
'CORE_INVALID_OPTIONS'
/** The log has no run of this id. */
 | 'CORE_RUN_NOT_FOUND'
/** The log already has a run of this id. */
 | 'CORE_RUN_EXISTS'
/** The run has ended and cannot be resumed, or is suspended and takes nothing more from this handle. */
 | 'CORE_RUN_ENDED'
/** Another process appends to the run. */
 | 'CORE_RUN_IN_USE'
/** The run was recorded with a schema or an engine that this version does not know. */
 | 'CORE_SCHEMA_MISMATCH'
/** The run was recorded with another agent: model, provider, system prompt, tools, settings or parameters. */
 | 'CORE_AGENT_MISMATCH'
/** The run has calls without an outcome, and re-issuing them was not allowed. */
 | 'CORE_PENDING_CALLS'
/** What is stored of the run is not a valid log. */
 | 'CORE_CORRUPT'
/** A source of tools has none to give, or does not know what it gave to a recorded run. */
 | 'CORE_TOOL_SOURCE'
/** A tool call has been decided already, and not in this way, or is decided in two ways at once. */
 | 'CORE_DECIDED'
/** No such tool call waits for a decision (any more, in this turn, with these arguments), or no such question for an answer. */
 | 'CORE_NOT_WAITING';
/** An error of an agent. */
export declare class CoreError extends StarlingError<CoreErrorCode> {
}

// dist/definition.d.ts
import type { BudgetCaps } from '@starling/event';
import type { EventLog } from '@starling/eventlog';
import type { ModelRequest, Provider } from '@starling/provider';
import type { Clock, Entropy, IdSource, Observer, PriceTable, RetryPolicy } from '@starling/step';
import type { Tool, ToolAnswer, ToolErrorPolicy, ToolInputSchema, ToolQuestion, ToolSource } from '@starling/tool';
import type { ModelSettings } from './settings.ts';
/** A tool call that waits for a decision, or for the answer to a question that it has asked. */
export interface ApprovalRequest {
    readonly runId: string;
    readonly turnId: string;
    readonly callId: string;
    readonly tool: string;
    /** The arguments as JSON text. */
    readonly input: string;
    /**
     * `policy`: the tool or the agent's policy asks for approval; `in_doubt`: the call may already have happened before
     * a crash; `question`: the tool runs, and wants to know something.
     */
    readonly reason: 'policy' | 'in_doubt' | 'question';
    /** Why the policy asks, in its own words. Default: it does not say. */
    readonly because?: string | undefined;
    /** BLAKE3-256 of what is decided on as canonical CBOR, in hex: of the arguments, or of the question. */
    readonly argsHash: string;
    /** When nobody will be waited for any longer, in milliseconds since the epoch. Default: never. */
    readonly expiresAt?: number | undefined;
    /** What the tool wants to know. To approve is to accept (a form with its content as `input`), to deny is to decline. */
    readonly question?: ToolQuestion | undefined;
    /** Whether only the process that runs the tool can hand it the answer. Default: `false`. */
    readonly held?: boolean | undefined;
}
/** The answer to an {@link ApprovalRequest}. */
export type ApprovalDecision = ApprovalChoice & {
    /** Why; shown to the model when the call is denied. */
    readonly reason?: string | undefined;
    /** Who decided. */
    readonly by?: string | undefined;
};
/** A decision on one call. */
export type CallDecision = ApprovalDecision & {
    readonly callId: string;
    /** The turn of the call that is meant: ids of calls come again. Default: whichever call the id stands for at the time. */
    readonly turnId?: string | undefined;
    /** The {@link ApprovalRequest.argsHash} of the arguments that were decided on; with others it counts not. Default: any. */
    readonly argsHash?: string | undefined;
};
/** What becomes of a call that waits for a decision. */
export type ApprovalChoice = {
    readonly decision: 'approve';
    /**
     * The arguments to call it with, as JSON text. Default: those of the model. For a question, the content of the form
     * as a JSON object. Default: an empty one.
     */
    readonly input?: string | undefined;
} | {
    readonly decision: 'deny';
} | {
    /** The tool is not called: the model gets this result. */
    readonly decision: 'answer';
    /** The result as JSON text. */
    readonly result: string;
};
/** What a {@link CallPolicy} says of a call. */
export interface CallVerdict {
    readonly effect: 'allow' | 'ask' | 'deny';
    /** Why, for whoever decides and for the model. Default: none. */
    readonly reason?: string | undefined;
}
/** Rules on tool calls; `createCallPolicy` of `@starling/policy` makes one. */
export interface CallPolicy {
    /** The rules as plain data: recorded and hashed at the start of a run. */
    readonly data: unknown;
    /** Judges a call: the same for the same call, and without asking anybody. */
    evaluate(call: {
        readonly tool: string;
        /** The arguments as canonical JSON text. */
        readonly input: string;
    }): CallVerdict;
}
/** A question that a running tool asks a person. */
export interface QuestionRequest {
    readonly runId: string;
    readonly turnId: string;
    /** As the model named it. */
    readonly callId: string;
    /** The id that the call is recorded under: another one when it has been made again. */
    readonly loggedId: string;
    readonly tool: string;
    /** Unique in the run. */
    readonly questionId: string;
    readonly question: ToolQuestion;
    /** Whether the answer is of use to this process only: no other can give it. */
    readonly held: boolean;
    /** When nobody will be waited for any longer, in milliseconds since the epoch. Default: never. */
    readonly expiresAt?: number | undefined;
}
/** What an agent is, apart from the log it writes to: the value an agent module exports. */
export interface AgentDefinition<Output extends ToolInputSchema = ToolInputSchema> extends ModelSettings {
    readonly provider: Provider;
    readonly model: string;
    /**
     * `auto`, `any`, `none` or the name of a tool. A choice that forces the model
     * to call (`any`, a name) holds until it has: from then on it chooses freely,
     * until a person says something. Default: the vendor's own.
     */
    readonly toolChoice?: string | undefined;
    /** Default: none. */
    readonly systemPrompt?: string | undefined;
    /** Default: none. */
    readonly tools?: readonly Tool[] | undefined;
    /**
     * Where more tools come from, such as the servers of the Model Context
     * Protocol: they are asked before a run begins, and what they offer is
     * recorded in it, so that resuming and replaying ask nobody. Default: none.
     */
    readonly toolSources?: readonly ToolSource[] | undefined;
    /** Caps over the whole run, resumes included. Default: none. */
    readonly budget?: BudgetCaps | undefined;
    /** Further provider parameters: plain data, or one CBOR map. Default: none. */
    readonly params?: Readonly<Record<string, unknown>> | Uint8Array | undefined;
    /**
     * What the final answer must be: the schema of an object. An answer that does
     * not match is sent back with what is wrong with it; the value of the one that
     * matches is the run's `output`. Takes the place of `responseFormat`. Default: any text.
     */
    readonly output?: Output | undefined;
    /** How often the model may correct an answer that does not match `output`. Default: 2. */
    readonly maxOutputRepairs?: number | undefined;
    /**
     * How the model learns of the output schema. `provider`: by the vendor's own
     * means as far as the model has any that go with the agent's tools, else in
     * words. `prompt`: in words only, for a model whose vendor refuses the schema.
     * A run stays with what it was begun with. Default: `provider`.
     */
    readonly outputVia?: 'provider' | 'prompt' | undefined;
    /** The most model calls of a run; 0 is no limit. Default: 50. */
    readonly maxTurns?: number | undefined;
    /** Prefix of run ids: `<namespace>/<ULID>`. Default: none. */
    readonly namespace?: string | undefined;
    /** Names the build of the application in the log. Default: none. */
    readonly appVersion?: string | undefined;
    /** What a failed tool does: its error goes back to the model, or the run fails. Default: `feedback`. */
    readonly onToolError?: ToolErrorPolicy | undefined;
    /**
     * What an answer does that the model did not finish (`max_tokens`, `filtered`,
     * `refusal`, `error`), or that it ended for a reason that is not known here
     * (`other`): it counts like any other, with the calls in it, or the run fails
     * before any of them is made. Default: `fail`; in the profile `reference`,
     * `complete`.
     */
    readonly onTruncated?: 'complete' | 'fail' | undefined;
    /** The run fails after this many turns in a row whose calls all failed; 0 is no limit. Default: 5. */
    readonly maxFailedToolTurns?: number | undefined;
    /**
     * How many of the calls that the model plans run at once. A replay goes beyond only where the recording has. Default: 8.
     */
    readonly maxParallelTools?: number | undefined;
    /** How long a cancelled tool may take to give up by itself, in milliseconds. Default: 1,000. */
    readonly cancelGraceMs?: number | undefined;
    /** When failed model calls are tried again. Default: three attempts. */
    readonly retry?: RetryPolicy | undefined;
    /** Rates beside, or instead of, the built-in ones. */
    readonly prices?: PriceTable | undefined;
    /** A USD cap on a model without a known price: refuse to start, or let it run uncounted. Default: `refuse`. */
    readonly unknownPrice?: 'refuse' | 'ignore' | undefined;
    /** Fail a turn whose provider gives no hash of the raw response. Default: `false`. */
    readonly requireRawResponseHash?: boolean | undefined;
    /**
     * Rules on every tool call, those that tools make themselves included: allow
     * it, ask first, or deny it. A tool's own `approval` still asks where the
     * policy allows: the most restrictive counts. Default: all are allowed.
     */
    readonly policy?: CallPolicy | undefined;
    /**
     * How long a call waits for a decision before it is denied, and a tool for an answer before it is `cancel`, in
     * milliseconds from when it asked first; 0 is for ever.
     * A tool's own `approvalTimeoutMs` comes first. Default: 0.
     */
    readonly approvalTimeoutMs?: number | undefined;
    /**
     * Decides on calls that need approval, when nobody does through a run handle. Default: nobody does, and what then
     * happens {@link RunOptions.onApproval} says.
     */
    readonly approve?: ((request: ApprovalRequest) => ApprovalDecision | Promise<ApprovalDecision>) | undefined;
    /**
     * Answers the questions that tools ask while they run, when nobody does through a run handle. Default: nobody does, and
     * what then happens {@link RunOptions.onApproval} says.
     */
    readonly answer?: ((request: QuestionRequest) => ToolAnswer | Promise<ToolAnswer>) | undefined;
    /**
     * `starling`: this runtime's rules. `reference`: those of the Go reference,
     * byte for byte: no extension keys, a failed tool ends the run, budgets count
     * per model call. Default: `starling`.
     */
    readonly profile?: 'starling' | 'reference' | undefined;
}
/** An agent definition with the log it writes to and the ports it runs on. */
export interface AgentOptions<Output extends ToolInputSchema = ToolInputSchema> extends AgentDefinition<Output> {
    readonly log: EventLog;
    /** See the work of every run: metrics, traces. Default: none. */
    readonly observers?: readonly Observer[] | undefined;
    /** Default: the clock of this machine. */
    readonly clock?: Clock | undefined;
    /** Default: the randomness of this machine. */
    readonly entropy?: Entropy | undefined;
    /** Default: ULIDs from clock and entropy. */
    readonly ids?: IdSource | undefined;
    /** Recorded in `RunStarted`. Default: this package's version. */
    readonly starlingVersion?: string | undefined;
    /** How long a lease lasts without renewal, in milliseconds; 0 takes no leases. Default: 30,000. */
    readonly leaseMs?: number | undefined;
}
/** Types an agent definition; an agent module exports the result as `agent`. */
export declare function defineAgent<Output extends ToolInputSchema = ToolInputSchema>(definition: AgentDefinition<Output>): AgentDefinition<Output>;
/** The parameters of a request as plain data. */
export type RequestParams = ModelRequest['params'];

// dist/index.d.ts
export { createAgent } from './agent.ts';
export { AGENT_OPTION_NAMES } from './agent-options.ts';
export type { Agent, ResumeOptions, RunOptions, StreamOptions } from './agent.ts';
export { decideApprovals, listApprovals, readApprovals, type DecideOptions, type ListApprovalsOptions, } from './approvals.ts';
export { CoreError } from './core-error.ts';
export type { CoreErrorCode } from './core-error.ts';
export { defineAgent } from './definition.ts';
export type { AgentDefinition, AgentOptions, ApprovalChoice, ApprovalDecision, ApprovalRequest, CallDecision, CallPolicy, CallVerdict, QuestionRequest, } from './definition.ts';
export type { MessageOptions } from './messages.ts';
export type { ReplayOptions, ReplayReport } from './replay.ts';
export type { RunHandle, RunUpdate } from './run-handle.ts';
export type { RunFailure, RunResult } from './run-result.ts';
export { RunState } from './run-state.ts';
export type { PlannedCall } from './planned-call.ts';
export type { CacheStats, Terminal } from './run-state.ts';
export type { ModelSettings } from './settings.ts';
export { now, random, randomUint64, sideEffect, uuid } from '@starling/step';
export type { Clock, Divergence, DivergenceClass, Entropy, IdSource, ModelRate, Observer, Operation, OperationOutcome, PriceTable, RetryPolicy, } from '@starling/step';

// dist/inputs.d.ts
import type { BudgetExceeded, RunFailed, SideEffectRecorded, UserMessageAppended } from '@starling/event';
import type { AnswerSource, CallEnvironment, ModelRate, ReplayedBatch } from '@starling/step';
import type { PlannedCall } from './planned-call.ts';
import type { ApprovalDecision, ApprovalRequest } from './definition.ts';
/** Something from outside that the loop must take in before it goes on. */
export type Input = 
/** A message for the model. */
({
    readonly type: 'message';
} & UserMessageAppended)
/** A decision on a call that waits for one. */
 | {
    readonly type: 'decision';
    readonly callId: string;
    readonly decision: ApprovalDecision;
    /** Recorded by a process that did not work on the run. Default: `false`. */
    readonly outside?: boolean | undefined;
    /** To be called once the decision is durable. Default: nobody wants to know. */
    readonly recorded?: (() => void) | undefined;
}
/** The answer to a question of a call, recorded by a process that did not work on the run. */
 | {
    readonly type: 'answer';
    readonly recorded: SideEffectRecorded;
} | {
    readonly type: 'cancel';
    readonly reason: string;
}
/** The wall-clock budget ran out. `recorded` is what a recording holds of it. */
 | {
    readonly type: 'deadline';
    readonly recorded?: BudgetExceeded | undefined;
}
/** A later process took the run up again. */
 | {
    readonly type: 'resumed';
    readonly message: string | undefined;
    readonly reissueTools: boolean;
}
/** The run ended in a way that only a recording knows. */
 | {
    readonly type: 'fault';
    readonly failed: RunFailed;
}
/** Nobody here will decide: the run is left as it is, for another process to go on with. */
 | {
    readonly type: 'suspend';
}
/** The recording ends here without a terminal event. */
 | {
    readonly type: 'end';
};
/** What may be recorded while calls run. */
export type RunningInput = Extract<Input, {
    type: 'message' | 'decision';
}>;
/**
 * Where everything comes from that the loop cannot compute from the log: the
 * world in a live run, the recording in a replay.
 */
export interface Inputs {
    /** The next input that is there, if any; it is taken. */
    poll(): Input | undefined;
    /** Whether {@link Inputs.poll} has something. */
    isWaiting(): boolean;
    /** Answers of the model. */
    readonly answers: AnswerSource;
    /** Asks for decisions, once for each; they come as inputs. */
    announce(requests: readonly ApprovalRequest[]): void;
    /** Waits until there is an input; in a replay, where nothing more can come, not at all. */
    wait(): Promise<void>;
    /**
     * Has messages and decisions taken at once as they come, instead of by {@link Inputs.poll}; returns how to stop that.
     * Default: nothing comes.
     */
    takeAtOnce?(take: (input: RunningInput) => void): () => void;
    /** What a recording holds of the calls to be made. */
    replayed(): ReplayedBatch | undefined;
    /** What a step that could not go on, and that nothing from outside cut off, fails with. */
    unexpected(): Error;
    /** Whether something from outside, and not what the run did, ends what is under way. */
    isCutOff(): boolean;
    /** What the model costs, for the check before a call. */
    rate(): ModelRate | undefined;
    /** The id under which a call that was cut off is made again. */
    reissueId(call: PlannedCall): string;
    /** Asks a person what a running tool wants to know. Default: nobody is there. */
    readonly ask?: CallEnvironment['ask'];
    /** Told how far running tools have come. Default: nobody is. */
    readonly onProgress?: CallEnvironment['onProgress'];
    /** The signal that ends model calls and tools. */
    readonly signal: AbortSignal;
}

// dist/live-inputs.d.ts
import type { UserMessageAppended } from '@starling/event';
import type { AnswerSource, CallEnvironment, CallOrigin, Clock, Engine, IdSource, ModelRate } from '@starling/step';
import type { ToolAnswer, ToolProgress } from '@starling/tool';
import type { RunPlace } from './approval-desk.ts';
import type { AgentDefinition, ApprovalRequest, CallDecision, QuestionRequest } from './definition.ts';
import type { Input, Inputs, RunningInput } from './inputs.ts';
/** Why a run cannot be left to wait. */
export declare const NO_PLACE = "its log has no place for what waits";
/** What a live run tells whoever holds its handle, apart from what it records. */
export interface LiveListener {
    readonly onApprovalRequested: (request: ApprovalRequest) => void;
    readonly onQuestion: (request: QuestionRequest) => void;
    readonly onProgress: (report: ToolProgress, from: CallOrigin) => void;
}
/** How the inputs of a live run are made. */
export interface LiveInputsOptions {
    readonly runId: string;
    readonly definition: AgentDefinition;
    readonly ids: IdSource;
    readonly rate: ModelRate | undefined;
    /** Someone may decide later, through the run handle. Default: nobody will. */
    readonly listener?: LiveListener | undefined;
    /** What becomes of a call that waits for a decision which nobody here has made. */
    readonly onApproval: 'wait' | 'deny' | 'suspend';
    readonly clock: Clock;
    /** Cancels the run when aborted. */
    readonly signal: AbortSignal | undefined;
}
/** The inputs of a live run: what people and the clock do to it. */
export declare class LiveInputs implements Inputs {
    #private;
    readonly answers: AnswerSource;
    readonly ask: CallEnvironment['ask'];
    readonly onProgress: CallEnvironment['onProgress'];
    constructor(options: LiveInputsOptions);
    /** Follows where the run stands. */
    attach(place: RunPlace, engine: Engine): void;
    /** Whether the run is left as it is when a call waits that nobody here decides on. */
    get maySuspend(): boolean;
    /** Takes nothing more in: the run has its terminal event, or is left to another process. */
    seal(how?: 'ended' | 'suspended'): void;
    /** Lets go of the caller's signal: the run has ended. */
    close(): void;
    get signal(): AbortSignal;
    cancel(reason: string): void;
    /** Has nobody waited for any longer: the run is left as soon as there is nothing else to do. */
    suspend(): void;
    /** Ends the run because its wall-clock budget ran out. */
    expire(): void;
    /** Stops what is under way because the run is another process's now: nothing more can be recorded. */
    lose(error: Error): void;
    /** Takes a message in; one that nobody would ever read is refused. */
    send(message: UserMessageAppended): void;
    /** Takes decisions, all or none; one that comes before its call is asked for waits for it. */
    resolve(decisions: readonly CallDecision[]): Promise<void>;
    /** Answers a question that waits; returns when the answer is durable. */
    answer(questionId: string, given: ToolAnswer, by?: string): Promise<void>;
    poll(): Input | undefined;
    isWaiting(): boolean;
    announce(requests: readonly ApprovalRequest[]): void;
    wait(): Promise<void>;
    takeAtOnce(take: (input: RunningInput) => void): () => void;
    replayed(): undefined;
    unexpected(): Error;
    reissueId(): string;
    isCutOff(): boolean;
    rate(): ModelRate | undefined;
}

// dist/messages.d.ts
import type { UserMessageAppended } from '@starling/event';
import type { Attachment, Message } from '@starling/provider';
import type { AgentSetup } from './session.ts';
import type { AskedModel } from './settings.ts';
/** What comes with a message. */
export interface MessageOptions {
    /** Images and files for the model, beside the text. Default: none. */
    readonly attachments?: readonly Attachment[] | undefined;
}
interface GivenMessage extends MessageOptions {
    readonly content: string;
    /** What errors call it. */
    readonly what: string;
}
/**
 * Makes what is recorded of a message out of what a caller gave.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is not a text or not an attachment that the provider takes.
 */
export declare function toMessage(setup: AgentSetup, given: GivenMessage): UserMessageAppended;
/** Finds what of a message a model cannot take. */
export declare function findUnsupported(asked: AskedModel, message: Message): string | undefined;
export {};

// dist/metrics/index.d.ts
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';

// dist/metrics/metrics.d.ts
import type { EventLog } from '@starling/eventlog';
import type { Observer } from '@starling/step';
import type { Registry } from 'prom-client';
/** Prometheus metrics of agents and their logs. */
export interface Metrics {
    /** Goes into `AgentOptions.observers`. */
    readonly observer: Observer;
    /** Wraps a log so that its appends are counted. */
    observeLog(log: EventLog): EventLog;
}
/**
 * Registers the reference's metrics, under its names and with its buckets.
 *
 * @throws prom-client's error when the registry already has them.
 */
export declare function createMetrics(registry: Registry): Metrics;

// dist/output.d.ts
import type { RunStarted } from '@starling/event';
import type { ReadValue } from '@starling/tool';
import type { AgentOptions } from './definition.ts';
/** What a run's final answer must be. */
export interface OutputRules {
    /** How often the model may correct an answer that does not match. */
    readonly maxRepairs: number;
    /** Reads an answer. */
    read(text: string): Promise<ReadValue<unknown>>;
}
/** How `UserMessageAppended` names the origin of a request for another answer. */
export declare const OUTPUT_ORIGIN = "output";
/** How the model learns of the output schema: as the format of its answer, or in words, with or without JSON as the format. */
export type OutputForm = 'schema' | 'json' | 'words';
/** An agent's options with what its output schema makes of them. */
export interface ResolvedOutput {
    readonly options: AgentOptions;
    readonly output: OutputRules | undefined;
}
/** The form in which the model of a run was told; `words` also for one that was told nothing. */
export declare function recordedForm({ settings }: RunStarted): OutputForm;
/** What an agent's output schema makes of its options. */
export declare function resolveOutput(options: AgentOptions, form?: OutputForm): ResolvedOutput;
/** Asks for another answer, saying what is wrong with the last one. */
export declare function repairMessage(problems: readonly string[]): string;

// dist/planned-call.d.ts
import type { PlannedToolUse, ToolCallFailed } from '@starling/event';
import type { Attachment } from '@starling/provider';
import type { EndedCall } from '@starling/step';
import type { RecordedRequest } from './approval.ts';
import { CallRecord } from './call-questions.ts';
import type { ApprovalDecision } from './definition.ts';
/** A call that the model planned in its last answer, and what has become of it. */
export interface PlannedCall {
    /** As the model named it. */
    readonly callId: string;
    readonly turnId: string;
    readonly tool: string;
    /** What it is called with, canonical CBOR: the model's arguments, until someone who decides puts others in their place. */
    args: Uint8Array;
    /** The same as canonical JSON text. */
    input: string;
    /** Whether the arguments are no longer the model's. */
    edited: boolean;
    readonly argsError: string | undefined;
    /** `cut-off`: scheduled, and its process ended before it had an outcome. */
    status: 'planned' | 'scheduled' | 'cut-off' | 'done';
    /** The id under which it was last scheduled; a re-issue has a fresh one. */
    loggedId: string;
    attempt: number;
    idempotencyKey: string | undefined;
    failure: ToolCallFailed | undefined;
    /** That it waits, or has waited, for a decision. */
    request: RecordedRequest | undefined;
    approval: ApprovalDecision | undefined;
    /** What was decided after the call had been cut off; what was before it does not say whether to repeat it. */
    reissueApproval: ApprovalDecision | undefined;
    outcome: {
        readonly content: string;
        readonly isError: boolean;
        readonly errorType?: string;
        readonly attachments?: readonly Attachment[] | undefined;
    } | undefined;
    /** How calls that its last attempt made itself have ended, by their place in it. */
    readonly nested: Map<string, EndedCall>;
    /** What its last attempt has recorded by itself. */
    readonly record: CallRecord;
}
/** A call as the model has planned it. */
export declare function planCall(use: PlannedToolUse, turnId: string): PlannedCall;
/** Takes a decision in. Called with other arguments it is another call, which shares no key and no results with the one before. */
export declare function decideCall(call: PlannedCall, decision: ApprovalDecision): void;

// dist/replay.d.ts
import type { Divergence } from '@starling/step';
import type { AgentSetup } from './session.ts';
/** How a recording is replayed. */
export interface ReplayOptions {
    /**
     * `execute`: tools are called again and their results compared, except those
     * whose policy says otherwise. `recorded`: no tool is called. Default: `execute`.
     */
    readonly tools?: 'execute' | 'recorded' | undefined;
    /** Stop at the first difference, or go on and report all. Default: `first`. */
    readonly collect?: 'first' | 'all' | undefined;
    /** Check from this `seq`, or the last step boundary before it; what comes before is taken over. Default: 1. */
    readonly fromSeq?: number | undefined;
    /** Also compare the budget, the library's and the application's version. Default: `false`. */
    readonly strict?: boolean | undefined;
    /** Ends the replay when aborted: it rejects with the signal's reason. Tools that are called again see it too. */
    readonly signal?: AbortSignal | undefined;
}
/** What a replay found. */
export interface ReplayReport {
    readonly runId: string;
    readonly status: 'match' | 'diverged';
    readonly eventsRecorded: number;
    /** The `seq` of the first event that was compared; those before it were taken over. */
    readonly comparedFrom: number;
    /** How many events were reproduced, those before `comparedFrom` included; events that differed are not. */
    readonly eventsReproduced: number;
    readonly divergences: readonly Divergence[];
    /** Differences that a recording of the reference cannot avoid: hashes over argument text that the log does not keep. */
    readonly warnings: readonly Divergence[];
}
/**
 * Runs a recording again and compares every event with it, the terminal one
 * included, whatever the outcome of the run was.
 *
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_CORRUPT`, `CORE_SCHEMA_MISMATCH`, `CORE_INVALID_OPTIONS`;
 *   the reason of `options.signal`.
 */
export declare function replayRun(given: AgentSetup, runId: string, options?: ReplayOptions): Promise<ReplayReport>;

// dist/run-handle.d.ts
import type { Event } from '@starling/event';
import type { Observer, RecordedListener } from '@starling/step';
import type { ToolAnswer, ToolProgress } from '@starling/tool';
import type { ApprovalRequest, CallDecision, QuestionRequest } from './definition.ts';
import type { LiveInputs } from './live-inputs.ts';
import type { MessageOptions } from './messages.ts';
import type { RunResult } from './run-result.ts';
import type { AgentSetup } from './session.ts';
/**
 * One thing that happened in a live run.
 *
 * Deltas are not recorded; everything else is durable when it is seen. A tool
 * has started when its schedule is durable: it may still wait for its turn.
 */
export type RunUpdate = {
    readonly type: 'text-delta';
    readonly turnId: string;
    readonly text: string;
} | {
    readonly type: 'reasoning-delta';
    readonly turnId: string;
    readonly text: string;
} | {
    readonly type: 'tool-arguments-delta';
    readonly turnId: string;
    readonly callId: string;
    readonly text: string;
} | {
    readonly type: 'tool-started';
    readonly turnId: string;
    readonly callId: string;
    readonly tool: string;
    readonly attempt: number;
    /** The arguments as JSON text. */
    readonly input: string;
} | {
    readonly type: 'tool-ended';
    readonly callId: string;
    readonly tool: string;
    readonly attempt: number;
    /** The result as JSON text. */
    readonly result?: string | undefined;
    readonly error?: string | undefined;
}
/** An attempt to get an answer failed and another one follows: the deltas of the turn so far count no more. */
 | {
    readonly type: 'attempt-failed';
    readonly turnId: string;
    readonly attempt: number;
    readonly error: string;
    readonly next: 'retry' | 'fallback';
} | ({
    readonly type: 'approval-requested';
} & ApprovalRequest)
/** A running tool wants to know something: {@link RunHandle.answer}. */
 | ({
    readonly type: 'question-asked';
} & QuestionRequest)
/** How far a running tool has come, in its own words. */
 | ({
    readonly type: 'tool-progress';
    readonly callId: string;
    readonly tool: string;
} & ToolProgress) | {
    readonly type: 'event';
    readonly event: Event;
}
/** The last update, exactly once: the result, or why there is none. */
 | {
    readonly type: 'done';
    readonly result?: RunResult | undefined;
    readonly error?: unknown;
};
/**
 * A run while it is under way: an async iterable of what happens in it, and
 * the means to steer it.
 *
 * Iterating is optional and can be done once: a second iterator is refused
 * with {@link CoreError} `CORE_INVALID_OPTIONS`. A slow reader is behind, never
 * cut off. Leaving the iteration does not end the run.
 */
export interface RunHandle<Output = unknown> extends AsyncIterable<RunUpdate> {
    readonly runId: string;
    /** Resolves for completed, failed and cancelled runs alike; rejects when the run could not be recorded to its end. */
    readonly result: Promise<RunResult<Output>>;
    /**
     * Ends the run; `reason` is recorded. Default: `user_cancel`. Without effect once the run has ended or is suspended.
     *
     * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for a reason that is not a text.
     */
    cancel(reason?: string): void;
    /**
     * Has nobody waited for any longer, as with `onApproval: 'suspend'`: the run is left, for another process to go on with,
     * as soon as it has nothing to do but to wait for decisions and answers, and its result is `suspended`. What the agent's
     * own code decides and answers is waited for. Without effect once the run has ended or is suspended.
     *
     * @throws {@link CoreError} `CORE_INVALID_OPTIONS` for a run whose log has no place for what waits.
     */
    suspend(): void;
    /**
     * Adds a message, which the model sees before its next answer. It is recorded at once, but while an answer is made:
     * then it is kept in mind until that has ended.
     *
     * @throws {@link CoreError} `CORE_RUN_ENDED` once the run has ended, or is suspended; `CORE_INVALID_OPTIONS` for what
     *   is not a text, and for attachments that the provider does not take.
     */
    send(message: string, options?: MessageOptions): void;
    /**
     * Approves a call, before or after it asks; `input` takes the place of its arguments.
     *
     * Returns like {@link RunHandle.decide}, and throws like it.
     */
    approve(callId: string, options?: {
        readonly by?: string | undefined;
        readonly input?: string | undefined;
    }): Promise<void>;
    /** Denies a call, before or after it asks; the model is told the reason. Else like {@link RunHandle.approve}. */
    deny(callId: string, reason?: string, options?: {
        readonly by?: string | undefined;
    }): Promise<void>;
    /**
     * Decides on calls, all or none of them. A decision that has been made already is no harm.
     *
     * The decisions on calls that have asked are recorded together, in one append, also while other calls run. The promise
     * resolves when they are durable; no caller has to wait for it.
     *
     * A decision on a call that has not asked is kept until it does. When the last
     * answer has a call of this id, it is about that one, else about the next
     * answer's, and never about a later one's: `turnId` and `argsHash` say more
     * exactly what was decided on. One that turns out to be about no call, or about
     * other arguments, or that comes when the time of the call is over, is dropped,
     * and rejects with `CORE_NOT_WAITING`.
     *
     * Rejects with {@link CoreError} `CORE_RUN_ENDED` when the run ends, or is suspended, before.
     *
     * @throws {@link CoreError} `CORE_DECIDED` when one of the calls has been decided in another way, or the decisions
     *   contradict each other; `CORE_NOT_WAITING` for a call that waits no longer, or in another turn or with other
     *   arguments than the decision says; `CORE_RUN_ENDED`; `CORE_INVALID_OPTIONS` for arguments or a result that are not
     *   JSON or are nested deeper than 31 levels.
     */
    decide(decisions: readonly CallDecision[]): Promise<void>;
    /**
     * Answers a question of a running tool; {@link RunHandle.decide} does it by the id of the call.
     *
     * Resolves when the answer is durable; no caller has to wait for it. Rejects with {@link CoreError} `CORE_RUN_ENDED`
     * when the run ends before, and with `CORE_NOT_WAITING` when the call does, because its tool did not wait.
     *
     * @throws {@link CoreError} `CORE_NOT_WAITING` for a question that nobody asks or that has its answer;
     *   `CORE_RUN_ENDED`; `CORE_INVALID_OPTIONS` for what is no answer.
     */
    answer(questionId: string, answer: ToolAnswer, options?: {
        readonly by?: string | undefined;
    }): Promise<void>;
}
/** What a handle stands on. */
export interface RunHandleOptions {
    readonly setup: AgentSetup;
    readonly inputs: LiveInputs;
    readonly updates: UpdateQueue;
    readonly start: () => Promise<RunResult>;
}
/** Makes a handle on a run and starts it. */
export declare function createRunHandle(runId: string, { setup, inputs, updates, start }: RunHandleOptions): RunHandle;
/** The updates that a reader has not taken yet. Deltas of one kind that pile up are joined. */
export declare class UpdateQueue {
    #private;
    /** Adds an update, joining it to the one before when nobody has read that yet. */
    push(update: RunUpdate): void;
    /** Adds the last update. */
    end(update: RunUpdate): void;
    iterate(): AsyncIterator<RunUpdate>;
}
/** Turns the chunks of the model's answers into updates. */
export declare function createUpdateObserver(updates: UpdateQueue): Observer;
/** Turns events into updates, once they are durable. */
export declare function createUpdateListener(updates: UpdateQueue): RecordedListener;

// dist/run-result.d.ts
import type { StopReason } from '@starling/provider';
import type { ApprovalRequest } from './definition.ts';
import type { RunState } from './run-state.ts';
/** Why a run did not complete. */
export interface RunFailure {
    readonly type: string;
    readonly message: string;
    /** The cap that ended it, by its name in the log. */
    readonly limit?: string | undefined;
}
/** How a run ended, and what it took. */
export interface RunResult<Output = unknown> {
    readonly runId: string;
    /** `suspended`: it has not ended, but waits for decisions that nobody here makes; a resume goes on with it. */
    readonly status: 'completed' | 'failed' | 'cancelled' | 'suspended';
    /** The calls that a suspended run waits for. Default: none. */
    readonly waiting?: readonly ApprovalRequest[] | undefined;
    /** The text of the last answer, also when the run failed after it. */
    readonly finalText: string;
    /** What the final answer says, by the agent's `output` schema; only of a completed run of an agent that has one. */
    readonly output?: Output | undefined;
    /** Why the model ended its last answer; `undefined` without one, and where the log does not say. */
    readonly finishReason?: StopReason | undefined;
    /** Why the run failed (`budget`, `max_turns`, `tool`, `provider`, `output`, `internal`) or was cancelled (`cancelled`). */
    readonly error?: RunFailure | undefined;
    readonly turnCount: number;
    /** Retries and re-issues included. */
    readonly toolCallCount: number;
    /** Without what was read from or written to a cache. What failed attempts have used counts here and below, as far as it is known. */
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
    readonly durationMs: number;
    /** Root of the Merkle tree over every event before the terminal one, 32 bytes; empty while there is none. */
    readonly merkleRoot: Uint8Array;
    /** Prompt-cache use: turns that read from the cache and turns that did not, and the tokens. */
    readonly cache: {
        readonly hits: number;
        readonly misses: number;
        readonly readTokens: number;
        readonly createTokens: number;
    };
}
/** Reads the result off the state of a run, and what its final answer says; `undefined` while it has not ended. */
export declare function resultOf(runId: string, state: RunState, output?: unknown): RunResult | undefined;
/** The result of a run that waits. */
export declare function suspendedResult(runId: string, state: RunState): RunResult;

// dist/run-state.d.ts
import { KIND } from '@starling/event';
import type { Event, RunCancelled, RunCompleted, RunFailed, RunStarted } from '@starling/event';
import type { Message, StopReason } from '@starling/provider';
import type { ModelRate, Recorded, Spending } from '@starling/step';
import type { PlannedCall } from './planned-call.ts';
interface KnownText {
    readonly result: Uint8Array;
    readonly text: string;
}
/** Who gives an answer. */
export interface Author {
    readonly providerId: string;
    readonly model: string;
}
/** How the run ended. */
export type Terminal = {
    readonly kind: typeof KIND.RunCompleted;
    readonly payload: RunCompleted;
} | {
    readonly kind: typeof KIND.RunFailed;
    readonly payload: RunFailed;
} | {
    readonly kind: typeof KIND.RunCancelled;
    readonly payload: RunCancelled;
};
/** Prompt-cache use of a run. */
export interface CacheStats {
    /** Turns that read from the cache. */
    hits: number;
    /** Turns with input of which nothing came from the cache. */
    misses: number;
    readTokens: number;
    createTokens: number;
}
/**
 * The state of a run: a fold over its events. Running, resuming and replaying
 * look at nothing else to find out what to do next.
 */
export declare class RunState {
    #private;
    /** The conversation as the model sees it. */
    readonly messages: Message[];
    started: RunStarted | undefined;
    terminal: Terminal | undefined;
    /** The turn that has no answer yet. */
    openTurn: string | undefined;
    /** The last turn that was started. */
    turnId: string;
    turnCount: number;
    /** Schedules, retries and re-issues included. */
    toolCallCount: number;
    inputTokens: number;
    outputTokens: number;
    costUsd: number;
    finalText: string;
    /** Why the model ended its last answer; recordings of the reference do not say. */
    finishReason: StopReason | undefined;
    /** The same in the vendor's own word; empty when it gave none. */
    rawFinishReason: string;
    /** Whether the model has called a tool since a person has said something. */
    hasCalled: boolean;
    /** How often the model was asked to correct its answer. */
    outputRepairs: number;
    /** Turns in a row whose calls all failed. */
    failedToolTurns: number;
    /** The cap that was crossed last, by its name in the log. */
    budgetLimit: string | undefined;
    /** The rate of the last answer of the run's own model. */
    lastRate: ModelRate | undefined;
    lastSeq: number;
    /** `ts` of the first event. */
    startedAtNs: bigint;
    /** `ts` of the last event. */
    lastNs: bigint;
    readonly cache: CacheStats;
    /** Whether the whole conversation is of use, or its last message only. */
    keepsMessages: boolean;
    /** Whether the calls under way may be cut off and go on from what they have recorded: not those of this very process. */
    keepsEffects: boolean;
    /** @param own - whom the agent that goes on asks; answers of others are marked as theirs. Default: the run's own. */
    constructor(onMessage?: (message: Message) => void, own?: Author);
    /** The calls of the last answer, in plan order. */
    get planned(): readonly PlannedCall[];
    /** The calls of the last answer that have no outcome yet. */
    get pending(): readonly PlannedCall[];
    /** Whether a call of the last answer has no outcome yet. */
    get isPending(): boolean;
    /** The call of the last answer that the model named so, as long as it has no outcome. */
    findPending(callId: string): PlannedCall | undefined;
    /** Whether a call of the last answer goes by this id. */
    isPlanned(id: string): boolean;
    /** How many schedules have no outcome: what a resume finds open, also when the one before it made none of them again. */
    get openSchedules(): number;
    /** Whether the model has had the last word and planned nothing. */
    get answered(): boolean;
    get spent(): Spending;
    /**
     * How long the run has been running until `nowNs`, without the time between a crash, or a standstill, and its resume:
     * what is decided from outside meanwhile is no work of the run.
     */
    activeMs(nowNs: bigint): number;
    /** Shows the model this text for a result, when it is the one that the next outcome of the call holds. */
    useResultText(loggedId: string, known: KnownText): void;
    /** Takes the next events in as a log holds them; kinds that this version does not know change nothing. */
    follow(events: readonly Event[]): void;
    /** Takes the next event in. */
    apply(recorded: Recorded): void;
}
export {};

// dist/session.d.ts
import type { RecordedToolSource, RunStarted } from '@starling/event';
import type { Clock, Engine, Entropy, IdSource, ModelCallOptions, ModelRate, Observer, Prompt, Recorder } from '@starling/step';
import type { Tool } from '@starling/tool';
import type { AgentOptions, RequestParams } from './definition.ts';
import type { Inputs } from './inputs.ts';
import type { OutputRules } from './output.ts';
import { RunState } from './run-state.ts';
import type { ModelSettings } from './settings.ts';
/** What an agent's options come down to; only the tools that sources offer differ from run to run. */
export interface AgentSetup {
    /** As they were given. */
    readonly given: AgentOptions;
    /** With what `output` adds to them. */
    readonly options: AgentOptions;
    /** What the final answer must be; `undefined` for any text. */
    readonly output: OutputRules | undefined;
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly ids: IdSource;
    readonly tools: ReadonlyMap<string, Tool>;
    /** The sources that have been asked for tools. */
    readonly toolSources: readonly RecordedToolSource[];
    /** The parameters as one CBOR item. */
    readonly params: Uint8Array | null;
    /** The parameters as plain data. */
    readonly requestParams: RequestParams;
    readonly rate: ModelRate | undefined;
    /** How every model call is made. */
    readonly settings: ModelSettings;
    /** The rate of any model at any provider. */
    readonly rateOf: ModelCallOptions['rateOf'];
}
/** One run while this process works on it. */
export interface Session {
    readonly setup: AgentSetup;
    readonly engine: Engine;
    readonly recorder: Recorder;
    readonly state: RunState;
    readonly prompt: Prompt;
    readonly inputs: Inputs;
    readonly observers: readonly Observer[];
    /** What the answer that completed the run says. */
    readonly answer: {
        output: unknown;
    };
    /** What a replay does with tools. */
    readonly replayTools: 'execute' | 'recorded';
}
/** Resolves an agent's options; they have been checked. */
export declare function createSetup(given: AgentOptions): AgentSetup;
/** The setup of one run, which has these tools. */
export declare function withTools(setup: AgentSetup, tools: readonly Tool[], toolSources: readonly RecordedToolSource[]): AgentSetup;
/**
 * The setup for a run that was begun before: what its model was told of the
 * output schema stays as it was, whatever would be told to the model now.
 *
 * @param mustBeAble - whether the model is about to be asked: a form that it does not take any more is not followed.
 */
export declare function setupOfRun(setup: AgentSetup, started: RunStarted, mustBeAble: boolean): AgentSetup;
/** Makes the empty state of a run and the prompt that follows it. */
export declare function createRunState(setup: AgentSetup, engine: Engine): {
    readonly state: RunState;
    readonly prompt: Prompt;
};
/** Rewrites arguments by the redaction of their tool. */
export declare function redactInput(tools: ReadonlyMap<string, Tool>, tool: string, args: Uint8Array): Uint8Array;
/** Whether an append failed because the run has moved on without this process. */
export declare function isOvertaken(error: unknown): boolean;

// dist/settings.d.ts
import type { ModelRequest, Provider, ToolDefinition } from '@starling/provider';
/** How every model call of a run is made: the settings of {@link ModelRequest}, under the same names. */
export type ModelSettings = Pick<ModelRequest, 'toolChoice' | 'stopSequences' | 'topK' | 'maxOutputTokens' | 'temperature' | 'topP' | 'seed' | 'reasoningEffort' | 'responseFormat' | 'parallelToolCalls' | 'cache'>;
/** The names of the settings. */
export declare const SETTING_NAMES: readonly (keyof ModelSettings)[];
/**
 * Finds what of the settings a call cannot be made with.
 *
 * @returns the first problem, in one line.
 */
export declare function findSettingProblem(settings: ModelSettings): string | undefined;
/** The settings that ask for something. */
export declare function pickSettings(options: ModelSettings): ModelSettings;
/** The model that is asked, and by whose provider. */
export interface AskedModel {
    readonly provider: Provider;
    readonly model: string;
}
/** Makes sure that a provider can do with its model what a request asks for; throws what {@link assertSupported} throws. */
export declare function assertAble({ provider, model }: AskedModel, request: Partial<ModelRequest>): void;
/** Likewise, with what the settings ask for beside the tools. */
export declare function assertSettings(options: ModelSettings & AskedModel & {
    readonly tools?: readonly ToolDefinition[] | undefined;
}): void;
/** Whether a tool choice makes the model call a tool, whatever it would do. */
export declare function isForced(toolChoice?: string): boolean;
/** The settings as one canonical CBOR map; `undefined` when none is set. */
export declare function encodeSettings(settings: ModelSettings): Uint8Array | undefined;
/** Which settings differ from the recorded ones, one line for each. */
export declare function differingSettings(recorded: Uint8Array | undefined, own: ModelSettings): readonly string[];

// dist/tracing/index.d.ts
export { createTracing, SEMANTIC_CONVENTIONS_VERSION } from './tracing.ts';
export type { TracingOptions } from './tracing.ts';

// dist/tracing/tracing.d.ts
import type { Observer } from '@starling/step';
import type { Tracer } from '@opentelemetry/api';
/** The revision of OpenTelemetry's GenAI conventions that the attributes follow. */
export declare const SEMANTIC_CONVENTIONS_VERSION = "1.38.0";
/** How spans are made. */
export interface TracingOptions {
    /** Default: the global tracer named `@starling/core`. */
    readonly tracer?: Tracer | undefined;
}
/**
 * Makes an observer that opens a span for every run, model call and tool call:
 * the reference's names (`agent.run`, `agent.llm_call`, `agent.tool_call`) with
 * its attributes and those of OpenTelemetry's GenAI conventions beside them; the
 * default tracer names their revision in its schema URL.
 * Without a configured SDK it costs next to nothing.
 */
export declare function createTracing(options?: TracingOptions): Observer;
