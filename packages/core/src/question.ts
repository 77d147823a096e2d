import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import { refuse } from './agent-options.ts'
import { canonicalJson } from './canonical-json.ts'

const ACTIONS: ReadonlySet<unknown> = new Set(['accept', 'decline', 'cancel'])

/**
 * An answer to a question as its tool may have it, the content in canonical form.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is none.
 */
export function checkAnswer(answer: ToolAnswer, { type }: ToolQuestion): ToolAnswer {
  const { action, content } = { ...answer }
  if (!ACTIONS.has(action)) refuse('the action of an answer is not accept, decline or cancel')
  if (content === undefined) return { action }
  if (typeof content !== 'string') refuse('the content of an answer is not a JSON text')
  if (type === 'url') refuse('the answer to a visit to an address has no content')
  return { action, content: checkForm(canonicalJson(content, 'the content of an answer')) }
}

/**
 * What a form is filled in with, as canonical JSON.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is no object.
 */
export function checkForm(content: string): string {
  return content.startsWith('{') ? content : refuse('what a form is filled in with is not a JSON object')
}

/** What an agent's own code answers; when it cannot, nobody did. */
export async function settleAnswer(
  question: ToolQuestion,
  give: () => ToolAnswer | Promise<ToolAnswer>,
): Promise<{ readonly answer: ToolAnswer }> {
  try {
    return { answer: checkAnswer(await give(), question) }
  } catch {
    return { answer: { action: 'cancel' } }
  }
}
