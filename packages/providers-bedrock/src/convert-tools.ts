import { type ModelRequest, partsOf, ProviderError, type ToolDefinition } from '@starling/provider'
import { type JsonObject, jsonText } from '@starling/provider-http'
import { cachePoint } from './cache-point.ts'
import { familyOf, takesForcedTools } from './model-family.ts'

/**
 * Writes the tools of a request and the choice among them; `undefined` when there are none.
 *
 * Converse has no choice `none`. Leaving the tools out means the same, but only
 * as long as the conversation has no tool calls, which need them there.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the choice cannot be expressed.
 */
export function convertTools(request: ModelRequest): JsonObject | undefined {
  const { model, tools, toolChoice: choice = '', reasoningEffort = 'none' } = request
  if (choice === 'none') {
    if (tools.length > 0 && hasToolCalls(request)) {
      throw invalid('toolChoice "none" cannot be expressed once the conversation has tool calls: they need their tools')
    }
    return undefined
  }
  if (tools.length === 0) {
    if (choice !== '') throw invalid(`toolChoice is "${choice}", but the request offers no tools`)
    return undefined
  }
  if (choice !== '' && choice !== 'auto') {
    if (!takesForcedTools(model)) {
      throw invalid(`${model} cannot be made to call a tool, so toolChoice cannot be "${choice}"`)
    }
    // https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows
    if (reasoningEffort !== 'none' && familyOf(model) === 'claude-budget') {
      throw invalid(`toolChoice "${choice}" does not go with reasoning: it can be "auto" or "none"`)
    }
  }
  return {
    tools: [...tools.map(convertTool), ...cachePoint(request, 'tools')],
    toolChoice: convertChoice(choice, tools),
  }
}

function convertTool({ name, description, inputSchema }: ToolDefinition): JsonObject {
  const schema = inputSchema.trim() === '' ? '{"type":"object"}' : inputSchema
  return {
    toolSpec: {
      name,
      ...(description !== '' && { description }),
      inputSchema: { json: jsonText(schema, `the input schema of tool "${name}"`) },
    },
  }
}

function convertChoice(choice: string, tools: readonly ToolDefinition[]): JsonObject | undefined {
  switch (choice) {
    case '':
      return undefined
    case 'auto':
      return { auto: {} }
    case 'any':
    case 'required':
      return { any: {} }
    default:
      if (tools.some((tool) => tool.name === choice)) return { tool: { name: choice } }
      throw invalid(
        `toolChoice names the tool "${choice}", but the request offers ${tools.map(({ name }) => `"${name}"`).join(', ')}`,
      )
  }
}

function hasToolCalls({ messages }: ModelRequest): boolean {
  return messages.some(
    (message) =>
      message.role === 'tool' ||
      (message.role === 'assistant' && partsOf(message).some(({ type }) => type === 'tool-use')),
  )
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}
