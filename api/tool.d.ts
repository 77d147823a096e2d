// dist/canonical-schema.d.ts
type Node = Readonly<Record<string, unknown>>;
/**
 * Writes a JSON Schema as the text that is hashed into the log and sent to the model.
 *
 * The same schema gives the same text, whatever the order of its keys: compact,
 * each node with `type`, `description`, `enum`, `items`, `properties`,
 * `required`, `additionalProperties` in this order and every other keyword
 * behind them, sorted; properties and `required` sorted by their UTF-8 bytes;
 * strings with the escapes of the log's own JSON.
 *
 * An object that lists its properties is closed (`additionalProperties: false`)
 * unless it says otherwise or is put together out of several schemas, and always has
 * `required`. `$schema`, and the bounds of a safe integer, are left out.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` when a part is not JSON or not a schema.
 */
export declare function canonicalSchema(schema: unknown): string;
/** Reports whether `value` is an object that JSON could have written. */
export declare function isPlainObject(value: unknown): value is Node;
export {};

// dist/conformance/index.d.ts
export { TOOL_CHECKS, type ToolCheck } from './tool-checks.ts';
export { createToolContext, type ToolContextOverrides } from './tool-context.ts';
export type { ToolHarness } from './tool-harness.ts';
export { describeTool } from './tool.conformance.ts';

// dist/conformance/tool-checks.d.ts
import type { Tool } from '../tool.ts';
import type { ToolHarness } from './tool-harness.ts';
/** One promise of the tool contract, as a test. */
export interface ToolCheck {
    /** A sentence that states the promise. */
    readonly title: string;
    /** The field of the harness that the check needs: it skips without. Default: none needed. */
    readonly needs?: 'accepts' | 'rejects' | undefined;
    /** Rejects when the promise is broken. */
    run(tool: Tool, harness: ToolHarness): Promise<void>;
}
/** Every check of the suite, for a test runner of one's own. */
export declare const TOOL_CHECKS: readonly ToolCheck[];

// dist/conformance/tool-context.d.ts
import type { ToolContext } from '../tool.ts';
/** What {@link createToolContext} fills in by itself. */
export type ToolContextOverrides = {
    readonly [Field in keyof ToolContext]?: ToolContext[Field] | undefined;
};
/**
 * Creates a context to call a tool with outside a run.
 *
 * Deterministic: the clock starts at 0 and moves on by a second per reading,
 * random numbers and UUIDs count up, side effects just happen, nobody answers
 * questions.
 */
export declare function createToolContext(overrides?: ToolContextOverrides): ToolContext;

// dist/conformance/tool-harness.d.ts
import type { Tool } from '../tool.ts';
import type { ToolContextOverrides } from './tool-context.ts';
/** What a tool's test must bring to be put through the suite. */
export interface ToolHarness {
    /** How the suite is titled. */
    readonly name: string;
    /** Makes the tool; every one it makes is the same. */
    create(): Tool | Promise<Tool>;
    /** Inputs, as data, that the tool takes, with the result when it is always the same. Default: what needs one skips. */
    readonly accepts?: readonly {
        readonly input: unknown;
        readonly result?: unknown;
        readonly context?: ToolContextOverrides | undefined;
    }[] | undefined;
    /** Inputs, as data, that do not match its schema. Default: what needs one skips. */
    readonly rejects?: readonly unknown[] | undefined;
}

// dist/conformance/tool.conformance.d.ts
import type { ToolHarness } from './tool-harness.ts';
/**
 * Registers every test of the {@link Tool} contract for one tool.
 *
 * A check that needs an example which the harness does not have shows as skipped.
 */
export declare function describeTool(harness: ToolHarness): void;

// dist/define-tool.d.ts
import type { InferToolInput, ToolInputSchema } from './input-schema.ts';
import type { Tool, ToolContext, ToolPolicy } from './tool.ts';
/** What {@link defineTool} makes a tool of. */
export interface DefineToolOptions<Schema extends ToolInputSchema> {
    /** 1 to 64 of `A-Z a-z 0-9 _ -`; unique in the agent. */
    readonly name: string;
    /** What the tool does and when to use it, for the model. */
    readonly description: string;
    /** Describes the input, which is always an object. */
    readonly input: Schema;
    /** Default: one attempt without limits of its own, as {@link ToolPolicy} says. */
    readonly policy?: ToolPolicy | undefined;
    /**
     * Does the work; returns, or resolves with, data that JSON can hold.
     *
     * What it throws is what the call fails with; throw {@link transient} for a failure worth a retry.
     */
    readonly execute: (input: InferToolInput<Schema>, context: ToolContext) => unknown;
}
/**
 * Makes a tool whose input is typed, and checked before every call.
 *
 * Arguments are held to the schema as the model sees it: also a property that
 * the schema does not have, a key that comes twice and a number too large to
 * be exact are refused, with one line for each problem.
 *
 * The tool's calls reject with `TOOL_INVALID_INPUT` for arguments that do not
 * match and with `TOOL_INVALID_OUTPUT` for a result that JSON cannot hold.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` for a name, a schema or a policy that no tool can have.
 * @example
 * ```ts
 * const add = defineTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   input: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => ({ sum: a + b }),
 * })
 * ```
 */
export declare function defineTool<Schema extends ToolInputSchema>(options: DefineToolOptions<Schema>): Tool;

// dist/index.d.ts
export { canonicalSchema } from './canonical-schema.ts';
export { defineTool, type DefineToolOptions } from './define-tool.ts';
export type { InferToolInput, PlainInputSchema, ToolInputSchema } from './input-schema.ts';
export { definePolicy, withPolicy } from './policy.ts';
export type { StandardIssue, StandardJSONSchemaV1, StandardResult, StandardSchemaV1 } from './standard-schema.ts';
export { createSchemaReader, type ReadValue, type SchemaReader } from './schema-reader.ts';
export { ToolError, type ToolErrorCode } from './tool-error.ts';
export type { AskOptions, Tool, ToolAnswer, ToolAttachment, ToolContext, ToolErrorPolicy, ToolPolicy, ToolProgress, ToolQuestion, } from './tool.ts';
export type { ToolCatalogue, ToolSource } from './tool-source.ts';
export { isTransient, transient } from './transient.ts';
export { wrap, type ToolMiddleware } from './wrap.ts';

// dist/input-schema.d.ts
import type { StandardJSONSchemaV1, StandardSchemaV1 } from './standard-schema.ts';
/** An input described by hand: a JSON Schema for the model, and a function that holds arguments to it. */
export interface PlainInputSchema<Output = unknown> {
    readonly schema: object;
    /** Returns the typed input, or throws; what it throws is shown to the model. */
    parse(value: unknown): Output | Promise<Output>;
}
/** What describes the input of a tool: a Standard Schema that yields JSON Schema, such as zod's, or a {@link PlainInputSchema}. */
export type ToolInputSchema = (StandardSchemaV1 & StandardJSONSchemaV1) | PlainInputSchema;
/** The type of the input that a schema lets through. */
export type InferToolInput<Schema extends ToolInputSchema> = Schema extends StandardSchemaV1 ? NonNullable<Schema['~standard']['types']>['output'] : Schema extends PlainInputSchema<infer Output> ? Output : never;
/** What a schema describes; errors call it so. */
export type SchemaUse = 'input' | 'output';
/** The value that passed, or one line for each thing that is wrong with it. */
export type ValidatedInput<Input> = {
    readonly value: Input;
    readonly problems?: undefined;
} | {
    readonly problems: readonly string[];
};
/**
 * Writes the schema of an input as canonical JSON Schema text.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` when there is none, or when it is not that of an object.
 */
export declare function writeInputSchema(input: ToolInputSchema, what?: SchemaUse): string;
/** Holds a value to the schema. */
export declare function validateInput<Schema extends ToolInputSchema>(schema: Schema, value: unknown, what?: SchemaUse): Promise<ValidatedInput<InferToolInput<Schema>>>;

// dist/policy.d.ts
import type { Tool, ToolPolicy } from './tool.ts';
/**
 * Checks a policy and returns a frozen copy.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` for a field that does not
 * exist or a value it cannot have, and for fields that contradict each other.
 */
export declare function definePolicy(policy: ToolPolicy): ToolPolicy;
/**
 * Returns the same tool with `policy` laid over its own.
 *
 * @throws {@link ToolError} `TOOL_INVALID_DEFINITION` as {@link definePolicy} does, for the two together.
 */
export declare function withPolicy(tool: Tool, policy: ToolPolicy): Tool;

// dist/schema-reader.d.ts
import { type InferToolInput, type SchemaUse, type ToolInputSchema } from './input-schema.ts';
/** The value that a text holds, or one line for each thing that is wrong with it. */
export type ReadValue<Value> = {
    readonly value: Value;
    readonly problems?: undefined;
} | {
    readonly problems: readonly string[];
};
/** Reads JSON text that a model wrote, as a schema allows it. */
export interface SchemaReader<Value> {
    /** Canonical JSON Schema: what the model is shown. */
    readonly schema: string;
    /** Reads one value; never rejects for what the text holds. */
    read(text: string): Promise<ReadValue<Value>>;
}
/**
 * Makes a reader of what a model writes.
 *
 * The text is held to the schema as the model sees it: also a property that
 * the schema does not have, a key that comes twice and a number too large to be
 * exact are problems, each one line that begins with its place.
 *
 * @param what - what errors call the value: the input of a tool, or the output of an agent.
 * @throws `ToolError` `TOOL_INVALID_DEFINITION` when there is no JSON Schema, or when it is not that of an object.
 * @example
 * ```ts
 * const reader = createSchemaReader(z.object({ city: z.string() }))
 * await reader.read('{"city":1}') // { problems: ['city: Invalid input: expected string, received number'] }
 * ```
 */
export declare function createSchemaReader<Schema extends ToolInputSchema>(schema: Schema, what?: SchemaUse): SchemaReader<InferToolInput<Schema>>;

// dist/standard-schema.d.ts
/**
 * The interfaces by which schema libraries work with others without knowing them.
 *
 * Standard Schema and Standard JSON Schema, version 1, of https://standardschema.dev
 * (MIT licence), reduced to what a tool reads. zod 4 implements both.
 */
/** One thing that is wrong with a value. */
export interface StandardIssue {
    readonly message: string;
    /** Where; absent or empty for the value itself. */
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}
/** What a validation gives: the value, or what is wrong with it. */
export type StandardResult<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: readonly StandardIssue[];
};
/** A schema that validates. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly types?: {
            readonly input: Input;
            readonly output: Output;
        } | undefined;
        readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    };
}
/** A schema that can be written as JSON Schema. */
export interface StandardJSONSchemaV1<Input = unknown, Output = Input> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly types?: {
            readonly input: Input;
            readonly output: Output;
        } | undefined;
        readonly jsonSchema: {
            /** What the schema takes; may throw when that cannot be written down. */
            readonly input: (options: {
                readonly target: 'draft-2020-12';
            }) => Record<string, unknown>;
        };
    };
}

// dist/tool-error.d.ts
import { StarlingError } from '@starling/event';
/** Why a tool failed or could not be made. */
export type ToolErrorCode = 
/** The arguments do not match the tool's schema. */
'TOOL_INVALID_INPUT'
/** The tool returned something that is not one JSON value. */
 | 'TOOL_INVALID_OUTPUT'
/** The result is longer than the tool's policy allows. */
 | 'TOOL_RESULT_TOO_LARGE'
/** The tool did not finish within its timeout. */
 | 'TOOL_TIMEOUT'
/** The failure is expected to pass: the call may be tried again. */
 | 'TOOL_TRANSIENT'
/** The model named a tool that the agent does not have. */
 | 'TOOL_NOT_FOUND'
/** The call was refused by whoever had to approve it. */
 | 'TOOL_DENIED'
/** The definition of the tool is not usable. */
 | 'TOOL_INVALID_DEFINITION';
/** An error of a tool. */
export declare class ToolError extends StarlingError<ToolErrorCode> {
}

// dist/tool-source.d.ts
import type { Tool } from './tool.ts';
/** The tools of a {@link ToolSource} as they are now. */
export interface ToolCatalogue {
    readonly tools: readonly Tool[];
    /**
     * Everything that {@link ToolSource.restore} needs to make the same tools
     * again, as one JSON text without secrets; it is recorded in the run.
     */
    readonly recorded: string;
}
/**
 * Tools that come from elsewhere and are known only once someone has asked,
 * such as those of a server.
 *
 * What the types cannot say, every implementation must hold:
 *
 * - **Restorable.** `restore(recorded)` makes tools with the same names,
 *   descriptions, schemas and policies as the catalogue it comes from, in the
 *   same order, and reaches nothing while it does. They reach out when they are called.
 * - **Replayable.** A restored tool takes everything from outside through the
 *   recorded side effects of its context: replaying its calls needs no source.
 * - **Shared.** Several runs may use it at once.
 */
export interface ToolSource {
    /** Unique among the sources of an agent, and how the log names it. */
    readonly name: string;
    /** Asks for the tools, before a run begins. Rejects when they cannot be had. */
    list(options: {
        readonly signal?: AbortSignal | undefined;
    }): Promise<ToolCatalogue>;
    /**
     * Makes the tools of a recorded run again.
     *
     * @throws `ToolError` `TOOL_INVALID_DEFINITION` for a text that is not one of its own.
     */
    restore(recorded: string): readonly Tool[];
    /** Lets go of whatever it holds open. It may be used again afterwards. */
    close(): Promise<void>;
}

// dist/tool.d.ts
/** An image or a file that goes to the model beside the result of a call. */
export interface ToolAttachment {
    readonly type: 'image' | 'file';
    /** The media type, such as `image/png` or `application/pdf`. */
    readonly mediaType: string;
    /** The bytes themselves, or the `https:` address that the vendor fetches them from. */
    readonly data: Uint8Array | string;
    /** The file's name. Default: none. */
    readonly name?: string | undefined;
}
/** What a tool asks a person while it runs: to fill in a form, or to visit an address. */
export type ToolQuestion = {
    readonly type: 'form';
    /** What is asked for, and why. */
    readonly message: string;
    /** The JSON Schema of the answer: an object of plain values. */
    readonly schema: string;
} | {
    readonly type: 'url';
    readonly message: string;
    /** Where the person has to go; never opened by the agent. */
    readonly url: string;
};
/** What came of a {@link ToolQuestion}. */
export interface ToolAnswer {
    /** `cancel` when nobody answered: there was nobody, or the run went on without. */
    readonly action: 'accept' | 'decline' | 'cancel';
    /** What a form was filled in with, as one JSON text. Default: none. */
    readonly content?: string | undefined;
}
/** How a {@link ToolQuestion} is asked. */
export interface AskOptions {
    /**
     * Only the process that asks has a use for the answer, because the question hangs on something that ends with it, such
     * as a request that is open, or because the call must not be made again. The run is not left over such a question.
     * Default: whether the tool says `idempotent: false`. One of those whose every act is a recorded one, by
     * `sideEffect` and calls of other tools, and none beside the question, may say `false`. The questions of a call inside
     * another are always held.
     */
    readonly held?: boolean | undefined;
}
/** How far a call has come. */
export interface ToolProgress {
    /** Grows with every report of a call. */
    readonly progress: number;
    /** What `progress` will be in the end. Default: not known. */
    readonly total?: number | undefined;
    readonly message?: string | undefined;
}
/** What a tool may ask of the run it is called in. */
export interface ToolContext {
    readonly runId: string;
    readonly turnId: string;
    /** The model's id of this call; every attempt has the same. */
    readonly callId: string;
    /** The attempt of this call, from 1. */
    readonly attempt: number;
    /** The same for every attempt of this call, also after a crash: hand it to services that deduplicate. */
    readonly idempotencyKey: string;
    /** Aborted when the run is cancelled, its deadline passes or the tool's own timeout fires. */
    readonly signal: AbortSignal;
    /** Reads the clock, recorded: milliseconds since the epoch. */
    now(): Promise<number>;
    /** Draws a number in [0, 1), recorded. */
    random(): Promise<number>;
    /** Draws a version 4 UUID, recorded. */
    uuid(): Promise<string>;
    /**
     * Runs `fn` once and records what it returned or threw; a replay gets the
     * recorded outcome and never calls `fn`.
     *
     * The result is what the recording holds: plain data (JSON types, bytes,
     * bigint), even in the live run. Names that begin with `starling/` are reserved.
     *
     * A call that was cut off by a crash begins anew when it is made again, and does its side effects again, unless it had
     * asked a person by then: such a call gets them from the log.
     */
    sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T>;
    /**
     * Asks a person. The question is recorded before anybody sees it, and so is the answer; a replay gets the recorded one.
     * Where nobody can be asked, it is `cancel`. The wait does not count against the tool's timeout.
     *
     * A run that is left, or whose process dies, while a question waits that is not held goes on in another process once it
     * is resumed, with the answer that it has been given by then: the tool is called again from its start, gets its
     * readings, its side effects and the outcomes of the calls it has made from the log, and so comes to the question again.
     * What it does before or beside a question belongs in side effects, always in the same order.
     *
     * Rejects with the signal's reason when the call is aborted meanwhile. Where the run is left, it rejects once nothing
     * else of the call is under way, and whatever the call would record from then on rejects likewise: it has no outcome.
     */
    ask(question: ToolQuestion, options?: AskOptions): Promise<ToolAnswer>;
    /** Tells whoever watches the run how far the call has come. Not recorded, and nothing waits for it. */
    progress(report: ToolProgress): void;
    /**
     * Shows the model an image or a file beside the result, which is recorded with it.
     *
     * Of an attempt that fails nothing is shown, and of a call inside another the
     * attachments are recorded only. The call fails when the provider takes none
     * of this type in results.
     *
     * @throws `ToolError` `TOOL_INVALID_OUTPUT` for what is no attachment.
     */
    attach(attachment: ToolAttachment): void;
}
/** What the model gets back when a tool fails: the error as a tool result, or the end of the run. */
export type ToolErrorPolicy = 'feedback' | 'fail';
/** How one tool may be used. {@link definePolicy} checks one. */
export interface ToolPolicy {
    /** Abort an attempt after this many milliseconds. Default: none. */
    readonly timeoutMs?: number | undefined;
    /** How many attempts a call gets when it fails with a transient error and the tool is idempotent. Default: 1. */
    readonly maxAttempts?: number | undefined;
    /**
     * Whether doing the same call twice does no harm. `false` also means: never
     * re-executed by a replay, and never re-issued after a crash without asking.
     * Default: unset, which allows one attempt, replay and re-issue.
     */
    readonly idempotent?: boolean | undefined;
    /** What a resume does with a call of a non-idempotent tool whose outcome is unknown. Default: `report`. */
    readonly inDoubt?: 'ask' | 'report' | 'fail' | undefined;
    /** At most this many calls of this tool at once, in one run. Default: no limit of its own. */
    readonly concurrency?: number | undefined;
    /** A result whose JSON text is longer, in UTF-8 bytes, is a tool failure. Default: 1 MiB. */
    readonly maxResultBytes?: number | undefined;
    /** Ask for approval before every call. Default: `false`. */
    readonly approval?: boolean | undefined;
    /**
     * How long a call waits for its approval before it is denied, and the tool for an answer before it is `cancel`, in
     * milliseconds from when it asked first, in whatever process. Default: as long as the agent says.
     */
    readonly approvalTimeoutMs?: number | undefined;
    /**
     * Rewrites a value before it is recorded and shown to the model. Default: unchanged.
     *
     * It is given the whole arguments (`input`), which the tool then sees as well,
     * the whole result, and the text of a failure (both `output`); what is nested
     * in them is for it to find. Arguments and results that someone who decides on
     * a call puts in their place are given to it as well. When it throws, arguments
     * are hidden and the call fails; a failure text stays as it is. What it has
     * rewritten it must leave as it is when it sees it again.
     *
     * Out of its reach: attachments; what the model itself writes, also when it repeats what it
     * was told; arguments while they stream to a listener; and what the tool
     * records by `sideEffect`.
     */
    readonly redact?: ((value: unknown, where: 'input' | 'output') => unknown) | undefined;
    /** What a failure of this tool does to the run. Default: the agent's own policy. */
    readonly onError?: ToolErrorPolicy | undefined;
    /** Whether a replay calls the tool again and compares, or takes the recorded outcome. Default: by `idempotent`. */
    readonly replay?: 'execute' | 'recorded' | undefined;
}
/**
 * A tool that an agent can call.
 *
 * What the types cannot say, every implementation must hold, and `describeTool` checks:
 *
 * - **Named.** The name is 1 to 64 of `A-Z a-z 0-9 _ -`, which every vendor takes.
 * - **Stable schema.** `inputSchema` is the same text on every read and in every
 *   process: it is hashed into the log. It describes an object.
 * - **Strict.** Arguments that do not match the schema are refused with
 *   `TOOL_INVALID_INPUT`, in words the model can act on.
 * - **Concurrent.** `execute` may run several times at once.
 * - **JSON in, JSON out.** Both texts hold exactly one JSON value.
 * - **Abortable.** A call whose signal is aborted rejects with the signal's reason, untouched.
 */
export interface Tool {
    /** Unique in the agent. */
    readonly name: string;
    /** What the tool does, for the model. */
    readonly description: string;
    /** The JSON Schema of the input, as the exact text that is hashed and sent. */
    readonly inputSchema: string;
    /** Default: one attempt without limits of its own, as {@link ToolPolicy} says. */
    readonly policy?: ToolPolicy | undefined;
    /** Calls the tool with the JSON text of its arguments; resolves with the JSON text of its result. */
    execute(input: string, context: ToolContext): Promise<string>;
}

// dist/transient.d.ts
import { ToolError } from './tool-error.ts';
/**
 * Makes an error that says: try this call again.
 *
 * A call that fails with it is retried when the tool's policy calls it
 * idempotent and attempts are left.
 *
 * @example
 * ```ts
 * if (response.status === 503) throw transient('the metrics service is busy')
 * ```
 */
export declare function transient(messageOrError: unknown): ToolError;
/** Reports whether `error`, or anything in its chain of causes, came from {@link transient}. */
export declare function isTransient(error: unknown): boolean;

// dist/wrap.d.ts
import type { Tool, ToolContext } from './tool.ts';
/**
 * Stands around the calls of a tool: may look at, change, answer or refuse them.
 *
 * A middleware that does not call `next` answers the call itself.
 */
export type ToolMiddleware = (input: string, context: ToolContext, next: Tool['execute']) => Promise<string>;
/**
 * Returns a tool whose calls go through `middleware`; the first one is outermost and runs first.
 *
 * Name, description, schema and policy stay the same. Without middleware the
 * tool itself is returned.
 *
 * @example
 * ```ts
 * const cached = wrap(tool, async (input, context, next) => {
 *   const known = cache.get(input) ?? (await next(input, context))
 *   cache.set(input, known)
 *   return known
 * })
 * ```
 */
export declare function wrap(tool: Tool, ...middleware: readonly ToolMiddleware[]): Tool;
