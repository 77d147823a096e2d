import {
  isInputRequiredResult,
  UrlElicitationRequiredError,
  type ElicitResult,
  type InputRequiredResult,
} from '@modelcontextprotocol/client'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'

import type { CallStep, StepQuestion } from './call-step.ts'
import type { Question } from './link.ts'
import { McpError } from './mcp-error.ts'

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

/** A person's answer as the server takes it. */
export function toElicitResult({ action, content }: ToolAnswer): ElicitResult {
  if (action !== 'accept' || content === undefined) return { action }
  const filled: unknown = JSON.parse(content)
  if (!isContent(filled))
    throw new McpError('MCP_REQUEST_FAILED', 'the answer to a form is not a JSON object of plain values')
  return { action, content: filled }
}

function questionsOf({ inputRequests = {} }: InputRequiredResult, what: string): readonly StepQuestion[] {
  return Object.entries(inputRequests).map(([key, request]) => {
    if (request.method === 'elicitation/create') return { key, ...questionOf(request.params) }
    const message = `${what}: the server asks for ${request.method}, which it is not offered`
    throw new McpError('MCP_REQUEST_FAILED', message)
  })
}

function isContent(value: unknown): value is NonNullable<ElicitResult['content']> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
