import type { ToolAnswer } from '@starling/tool'
import { refuse } from './agent-options.ts'
import { canonicalJson } from './canonical-json.ts'

const ACTIONS: ReadonlySet<unknown> = new Set(['accept', 'decline', 'cancel'])

/**
 * An answer as a tool may have it, its content in canonical form.
 *
 * @throws `CoreError` `CORE_INVALID_OPTIONS` for what is none.
 */
export function checkAnswer(answer: ToolAnswer): ToolAnswer {
  const { action, content } = { ...answer }
  if (!ACTIONS.has(action)) refuse('the action of an answer is not accept, decline or cancel')
  if (content === undefined) return { action }
  if (typeof content !== 'string') refuse('the content of an answer is not a JSON text')
  return { action, content: canonicalJson(content, 'the content of an answer') }
}

/** What an agent's own code answers; when it cannot, nobody did. */
export async function settleAnswer(give: () => ToolAnswer | Promise<ToolAnswer>): Promise<ToolAnswer> {
  try {
    return checkAnswer(await give())
  } catch {
    return { action: 'cancel' }
  }
}
