import type { Tool, ToolContext, ToolSource } from '@starling/tool'
import { createToolContext, type ToolContextOverrides } from '@starling/tool/conformance'

/** The tools of a source, by name. */
export async function listTools(source: ToolSource): Promise<ReadonlyMap<string, Tool>> {
  const { tools } = await source.list({})
  return new Map(tools.map((tool) => [tool.name, tool]))
}

/** Calls a tool and reads its result. */
export async function call(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  given: { readonly input?: object; readonly context?: ToolContextOverrides } = {},
): Promise<unknown> {
  const tool = tools.get(name)
  if (tool === undefined) throw new Error(`no tool ${name} among ${[...tools.keys()].join(', ')}`)
  const text = await tool.execute(JSON.stringify(given.input ?? {}), createToolContext(given.context))
  const result: unknown = JSON.parse(text)
  return result
}

/** What a run would have recorded of a call, to be played back. */
export interface Recording {
  readonly effects: { readonly name: string; readonly value?: unknown; error?: unknown }[]
}

/** A context that records the side effects of a call. */
export function recordingContext(recording: Recording, overrides: ToolContextOverrides = {}): ToolContext {
  return createToolContext({
    ...overrides,
    async sideEffect(name, fn) {
      try {
        const value = await fn()
        recording.effects.push({ name, value: structuredClone(value) })
        return value
      } catch (error) {
        recording.effects.push({ name, error })
        throw error
      }
    },
  })
}

/** A context that plays recorded side effects back; `live` says whether further ones may happen. */
export function replayingContext(
  recording: Recording,
  overrides: ToolContextOverrides & { readonly live?: boolean } = {},
): ToolContext {
  const rest = [...recording.effects]
  return createToolContext({
    ...overrides,
    async sideEffect<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
      const effect = rest.shift()
      if (effect === undefined && overrides.live === true) return fn()
      if (effect?.name !== name) throw new Error(`side effect ${name} was not recorded here`)
      if ('error' in effect) throw effect.error
      return effect.value as T
    },
  })
}
