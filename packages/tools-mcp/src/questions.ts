import {
  isInputRequiredResult,
  UrlElicitationRequiredError,
  type ElicitResult,
  type InputRequiredResult,
} from '@modelcontextprotocol/client'
import { ToolError, type ToolAnswer, type ToolQuestion } from '@starling/tool'

import type { CallStep, StepQuestion } from './call-step.ts'
import type { Question } from './link.ts'
import { sizeOf } from './limit-output.ts'
import { McpError } from './mcp-error.ts'
import { compileSchema, type Validate } from './schema-validators.ts'

/** Questions are recorded and shown to a person; what is handed back unread is recorded with them. */
const MAX_STEP_BYTES = 256 * 1024

/**
 * The question of a server as the port asks it.
 *
 * @throws {@link McpError} `MCP_REQUEST_FAILED` for an address that no browser should be sent to.
 */
export function questionOf(question: Question): ToolQuestion {
  if (question.mode === 'url') {
    const { message, url } = question
    const protocol = URL.parse(url)?.protocol
    if (protocol === 'https:' || protocol === 'http:') return { type: 'url', message, url }
    throw new McpError('MCP_REQUEST_FAILED', `the server asks for a visit to an address of ${protocol ?? 'no kind'}`)
  }
  return { type: 'form', message: question.message, schema: JSON.stringify(question.requestedSchema) }
}

/** Whether both ask the same, in the same words. */
export function isSameQuestion(one: ToolQuestion, other: ToolQuestion): boolean {
  if (one.message !== other.message) return false
  if (one.type === 'form') return other.type === 'form' && one.schema === other.schema
  return other.type === 'url' && one.url === other.url
}

/** The step of an answer with which a server asks for something first; `undefined` for any other answer. */
export function stepOfResult(result: object, what: string): CallStep | undefined {
  if (!isInputRequiredResult(result)) return undefined
  const { requestState } = result
  const step = { questions: questionsOf(result, what), resume: 'retry' } as const
  return requestState === undefined ? step : { ...step, request_state: requestState }
}

/** The step of an error with which a server asks for a visit before the call is made again; `undefined` for any other. */
export function stepOfError(error: unknown): CallStep | undefined {
  if (!(error instanceof UrlElicitationRequiredError) || error.elicitations.length === 0) return undefined
  const questions = error.elicitations.map((question, index) => ({ key: String(index + 1), ...questionOf(question) }))
  return { questions, resume: 'repeat' }
}

/**
 * A person's answer to `question` as the server takes it.
 *
 * An answer that does not match the form goes out as `cancel`: the server asked for
 * something that it does not get, and must not take what it did not ask for.
 *
 * @throws {@link McpError} `MCP_REQUEST_FAILED` for an answer that no form could have.
 */
export async function toElicitResult({ action, content }: ToolAnswer, question: ToolQuestion): Promise<ElicitResult> {
  if (action !== 'accept' || content === undefined || question.type !== 'form') return { action }
  const filled = tryParse(content)
  if (!isContent(filled))
    throw new McpError('MCP_REQUEST_FAILED', 'the answer to a form is not a JSON object of plain values')
  return (await matches(filled, question)) ? { action, content: filled } : { action: 'cancel' }
}

/**
 * Checks that a step that asks is not too long to be recorded and shown.
 *
 * @throws {@link ToolError} `TOOL_RESULT_TOO_LARGE`.
 */
export function limitStep<Step extends CallStep>(step: Step, what: string): Step {
  if ('result' in step) return step
  const size = sizeOf(JSON.stringify(step))
  if (size <= MAX_STEP_BYTES) return step
  throw new ToolError('TOOL_RESULT_TOO_LARGE', `what ${what} asks has ${size} bytes, more than ${MAX_STEP_BYTES}`)
}

async function matches(filled: object, question: Extract<ToolQuestion, { readonly type: 'form' }>): Promise<boolean> {
  let validate: Validate
  try {
    validate = compileSchema({ inputSchema: question.schema })
  } catch {
    return true // A form that is none holds nobody to anything.
  }
  return (await validate(filled)).issues === undefined
}

function questionsOf({ inputRequests = {} }: InputRequiredResult, what: string): readonly StepQuestion[] {
  return Object.entries(inputRequests).map(([key, request]) => {
    if (request.method === 'elicitation/create') return { key, ...questionOf(request.params) }
    const message = `${what}: the server asks for ${request.method}, which it is not offered`
    throw new McpError('MCP_REQUEST_FAILED', message)
  })
}

function tryParse(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return parsed
  } catch {
    return undefined // Said by the caller, in the same words for everything that is no answer.
  }
}

function isContent(value: unknown): value is NonNullable<ElicitResult['content']> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
