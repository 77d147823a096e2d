import { isStarlingError } from '@starling/event'
import { ToolError, type Tool, type ToolAnswer, type ToolContext, type ToolPolicy, transient } from '@starling/tool'

import type { CallStep, StepAnswers } from './call-step.ts'
import type { Catalogue, CatalogueEntry } from './catalogue.ts'
import type { Connection } from './connection.ts'
import type { Mask } from './mask.ts'
import { McpError } from './mcp-error.ts'
import { redactStep, redactWords, type Redact } from './redact-step.ts'
import { createArgumentsReader } from './read-arguments.ts'
import { RemoteCall } from './remote-call.ts'
import { createRequest, definitionOf, type RequestMaker } from './remote-request.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { SchemaValidators } from './schema-validators.ts'

/** What every tool of a source shares. */
export interface RemoteTools {
  readonly connection: Connection
  readonly options: ResolvedOptions
  readonly shape: Catalogue['options']
  readonly mask: Mask
  readonly validators: SchemaValidators
}

/** A server that asks more often than this in one call asks without end. */
const MAX_STEPS = 32

/** The codes that a recorded failure of a call may have, beside those of {@link McpError}. */
const TOOL_CODES = ['TOOL_TIMEOUT', 'TOOL_RESULT_TOO_LARGE', 'TOOL_INVALID_OUTPUT'] as const
const MCP_CODES = ['MCP_CONNECTION_FAILED', 'MCP_UNAUTHORIZED', 'MCP_REQUEST_FAILED'] as const

/**
 * Makes a tool of an entry of the catalogue.
 *
 * What the server says comes in through recorded side effects alone, as the
 * very data that the result is made of: a replay needs no server, and a call
 * that was interrupted while a person was asked goes on from there.
 */
export function createRemoteTool(entry: CatalogueEntry, tools: RemoteTools): Tool {
  const { name, description, inputSchema } = entry
  const read = createArgumentsReader(name, inputSchema, () => tools.validators.get(entry))
  const what = `mcp ${entry.kind === 'tool' ? 'tool' : 'request'} "${entry.remote}" of server "${tools.options.name}"`
  const policy = policyOf(entry, tools.options)
  const isRepeatable = policy?.idempotent !== false
  const maker: RequestMaker = {
    entry,
    what,
    options: tools.shape,
    mask: tools.mask,
    definition: needsHeaders(entry, tools.options) ? definitionOf(entry) : undefined,
  }
  return {
    name,
    description,
    inputSchema,
    ...(policy === undefined ? {} : { policy }),
    async execute(input, context) {
      context.signal.throwIfAborted()
      const args = await read(input)
      const { connection, options, mask } = tools
      const call = new RemoteCall(createRequest(maker, args), {
        connection,
        runId: context.runId,
        signal: context.signal,
        timeoutMs: options.callTimeoutMs,
        isRepeatable,
        classify: options.transientErrorClassifier,
        mask,
        progress: (report) => context.progress(report),
      })
      try {
        const effect = `mcp/${options.name}/${entry.remote}`
        return await finish(call, { context, effect, what, redact: policy?.redact, isRepeatable })
      } catch (error) {
        context.signal.throwIfAborted()
        throw restore(error)
      } finally {
        call.end()
      }
    },
  }
}

/** Whether some arguments also go into headers. */
function needsHeaders({ inputSchema }: CatalogueEntry, { transport }: ResolvedOptions): boolean {
  return transport.type !== 'stdio' && inputSchema.includes('"x-mcp-header"')
}

interface CallPlace {
  readonly context: ToolContext
  /** The name of the call's side effects. */
  readonly effect: string
  readonly what: string
  readonly redact: Redact | undefined
  readonly isRepeatable: boolean
}

async function finish(call: RemoteCall, place: CallPlace): Promise<string> {
  const { context, effect, what, redact } = place
  let given: readonly StepAnswers[] = []
  for (let count = 0; count < MAX_STEPS; count++) {
    const step: CallStep = await context.sideEffect(effect, () => exchange(call, given, redact))
    if ('result' in step) {
      if (step.is_error === true) throw new McpError('MCP_TOOL_FAILED', step.result)
      for (const attachment of step.attachments ?? []) context.attach(attachment)
      return step.result
    }
    const answered = await askAll(step, place)
    if (step.resume === 'repeat') assertVisited(answered, what)
    // What was answered on the open request is to be known when another process makes it again.
    given = step.resume === 'answer' ? [...given, answered] : [answered]
  }
  throw new McpError('MCP_REQUEST_FAILED', `${what} asked ${MAX_STEPS} times and still has no result`)
}

/** One exchange with the server, as it may be recorded. */
async function exchange(
  call: RemoteCall,
  given: readonly StepAnswers[],
  redact: Redact | undefined,
): Promise<CallStep> {
  if (redact === undefined) return call.advance(given)
  const step = await call.advance(given).catch((error: unknown) => {
    if (!(error instanceof Error) || !isStarlingError(error)) throw error
    throw restore(Object.assign(new Error(redactWords(error.message, redact)), { code: error.code }))
  })
  return redactStep(step, redact)
}

async function askAll(step: StepAnswers['step'], { context, isRepeatable }: CallPlace): Promise<StepAnswers> {
  // Where the open request is all there is, an answer that comes to another process is of no use. Where the request has
  // ended, all that was done is on record: such a call goes on, also one that must not be made twice.
  const held = step.resume === 'answer' && !isRepeatable
  const answers: [string, ToolAnswer][] = []
  for (const { key, ...question } of step.questions) answers.push([key, await context.ask(question, { held })])
  return { step, answers: Object.fromEntries(answers) }
}

/** Without the visit, the server would only ask for it again. */
function assertVisited({ step, answers }: StepAnswers, what: string): void {
  const refused = step.questions.find(({ key }) => answers[key]?.action !== 'accept')
  if (refused === undefined) return
  const outcome = answers[refused.key]?.action === 'decline' ? 'was declined' : 'nobody made'
  throw new McpError('MCP_TOOL_FAILED', `${what} asks for a visit to an address, which ${outcome}: ${refused.message}`)
}

/** Recorded errors come back as plain ones with a code: make them ours again, live as in a replay. */
function restore(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const { code, message } = error
  if (code === 'TOOL_TRANSIENT') return transient(error)
  const ofTool = TOOL_CODES.find((known) => known === code)
  if (ofTool !== undefined) return new ToolError(ofTool, message, { cause: error })
  const ofMcp = MCP_CODES.find((known) => known === code)
  return ofMcp === undefined ? error : new McpError(ofMcp, message, { cause: error })
}

/** The recorded policy, with what cannot be recorded: the function comes from the options. */
function policyOf({ remote, policy }: CatalogueEntry, options: ResolvedOptions): ToolPolicy | undefined {
  const redact = options.policies[remote]?.redact ?? options.policy?.redact
  const merged = redact === undefined ? { ...policy } : { ...policy, redact }
  return Object.keys(merged).length === 0 ? undefined : merged
}
