import { type AssistantMessage, partsOf } from '@starling/provider'
import type { Fields } from './chat-dialect.ts'

/** Sends the reasoning of an earlier answer back as a text in this field; nothing when there was none. */
export function reasoningAs(field: 'reasoning' | 'reasoning_content'): (message: AssistantMessage) => Fields {
  return (message) => {
    const text = reasoningOf(message)
    return text === '' ? {} : { [field]: text }
  }
}

/**
 * DeepSeek refuses tool calls without the reasoning that led to them, also when
 * another provider gave the answer: https://api-docs.deepseek.com/guides/thinking_mode
 */
export function deepSeekReasoning(message: AssistantMessage): Fields {
  const text = reasoningOf(message)
  return text === '' && !hasCalls(message) ? {} : { reasoning_content: text }
}

/** Mistral reasons inside the content: https://docs.mistral.ai/capabilities/reasoning */
export function mistralReasoning(message: AssistantMessage): Fields {
  const thinking = reasoningOf(message)
  if (thinking === '') return {}
  const text = partsOf(message).map((part) => (part.type === 'text' ? part.text : ''))
  const said = text.join('')
  return {
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: thinking }] },
      ...(said === '' ? [] : [{ type: 'text', text: said }]),
    ],
  }
}

function reasoningOf(message: AssistantMessage): string {
  return partsOf(message)
    .map((part) => (part.type === 'reasoning' && part.redacted !== true ? part.text : ''))
    .join('')
}

function hasCalls(message: AssistantMessage): boolean {
  return partsOf(message).some((part) => part.type === 'tool-use')
}
