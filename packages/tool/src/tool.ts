/** An image or a file that goes to the model beside the result of a call. */
export interface ToolAttachment {
  readonly type: 'image' | 'file'
  /** The media type, such as `image/png` or `application/pdf`. */
  readonly mediaType: string
  /** The bytes themselves, or the `https:` address that the vendor fetches them from. */
  readonly data: Uint8Array | string
  /** The file's name. Default: none. */
  readonly name?: string | undefined
}

/** What a tool asks a person while it runs: to fill in a form, or to visit an address. */
export type ToolQuestion =
  | {
      readonly type: 'form'
      /** What is asked for, and why. */
      readonly message: string
      /** The JSON Schema of the answer: an object of plain values. */
      readonly schema: string
    }
  | {
      readonly type: 'url'
      readonly message: string
      /** Where the person has to go; never opened by the agent. */
      readonly url: string
    }

/** What came of a {@link ToolQuestion}. */
export interface ToolAnswer {
  /** `cancel` when nobody answered: there was nobody, or the run went on without. */
  readonly action: 'accept' | 'decline' | 'cancel'
  /** What a form was filled in with, as one JSON text. Default: none. */
  readonly content?: string | undefined
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
  readonly held?: boolean | undefined
}

/** How far a call has come. */
export interface ToolProgress {
  /** Grows with every report of a call. */
  readonly progress: number
  /** What `progress` will be in the end. Default: not known. */
  readonly total?: number | undefined
  readonly message?: string | undefined
}

/** What a tool may ask of the run it is called in. */
export interface ToolContext {
  readonly runId: string
  readonly turnId: string
  /** The model's id of this call; every attempt has the same. */
  readonly callId: string
  /** The attempt of this call, from 1. */
  readonly attempt: number
  /** The same for every attempt of this call, also after a crash: hand it to services that deduplicate. */
  readonly idempotencyKey: string
  /** Aborted when the run is cancelled, its deadline passes or the tool's own timeout fires. */
  readonly signal: AbortSignal
  /** Reads the clock, recorded: milliseconds since the epoch. */
  now(): Promise<number>
  /** Draws a number in [0, 1), recorded. */
  random(): Promise<number>
  /** Draws a version 4 UUID, recorded. */
  uuid(): Promise<string>
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
  sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T>
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
  ask(question: ToolQuestion, options?: AskOptions): Promise<ToolAnswer>
  /** Tells whoever watches the run how far the call has come. Not recorded, and nothing waits for it. */
  progress(report: ToolProgress): void
  /**
   * Shows the model an image or a file beside the result, which is recorded with it.
   *
   * Of an attempt that fails nothing is shown, and of a call inside another the
   * attachments are recorded only. The call fails when the provider takes none
   * of this type in results.
   *
   * @throws `ToolError` `TOOL_INVALID_OUTPUT` for what is no attachment.
   */
  attach(attachment: ToolAttachment): void
}

/** What the model gets back when a tool fails: the error as a tool result, or the end of the run. */
export type ToolErrorPolicy = 'feedback' | 'fail'

/** How one tool may be used. {@link definePolicy} checks one. */
export interface ToolPolicy {
  /** Abort an attempt after this many milliseconds. Default: none. */
  readonly timeoutMs?: number | undefined
  /** How many attempts a call gets when it fails with a transient error and the tool is idempotent. Default: 1. */
  readonly maxAttempts?: number | undefined
  /**
   * Whether doing the same call twice does no harm. `false` also means: never
   * re-executed by a replay, and never re-issued after a crash without asking.
   * Default: unset, which allows one attempt, replay and re-issue.
   */
  readonly idempotent?: boolean | undefined
  /** What a resume does with a call of a non-idempotent tool whose outcome is unknown. Default: `report`. */
  readonly inDoubt?: 'ask' | 'report' | 'fail' | undefined
  /** At most this many calls of this tool at once, in one run. Default: no limit of its own. */
  readonly concurrency?: number | undefined
  /** A result whose JSON text is longer, in UTF-8 bytes, is a tool failure. Default: 1 MiB. */
  readonly maxResultBytes?: number | undefined
  /** Ask for approval before every call. Default: `false`. */
  readonly approval?: boolean | undefined
  /**
   * How long a call waits for its approval before it is denied, and the tool for an answer before it is `cancel`, in
   * milliseconds from when it asked first, in whatever process. Default: as long as the agent says.
   */
  readonly approvalTimeoutMs?: number | undefined
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
  readonly redact?: ((value: unknown, where: 'input' | 'output') => unknown) | undefined
  /** What a failure of this tool does to the run. Default: the agent's own policy. */
  readonly onError?: ToolErrorPolicy | undefined
  /** Whether a replay calls the tool again and compares, or takes the recorded outcome. Default: by `idempotent`. */
  readonly replay?: 'execute' | 'recorded' | undefined
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
  readonly name: string
  /** What the tool does, for the model. */
  readonly description: string
  /** The JSON Schema of the input, as the exact text that is hashed and sent. */
  readonly inputSchema: string
  /** Default: one attempt without limits of its own, as {@link ToolPolicy} says. */
  readonly policy?: ToolPolicy | undefined
  /** Calls the tool with the JSON text of its arguments; resolves with the JSON text of its result. */
  execute(input: string, context: ToolContext): Promise<string>
}
