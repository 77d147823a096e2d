import type { RecordedToolSource, RunStarted } from '@starling/event'
import { errorText } from '@starling/step'
import type { Tool, ToolCatalogue, ToolSource } from '@starling/tool'
import { checkToolChoice, checkTools } from './agent-options.ts'
import { CoreError } from './core-error.ts'
import { withTools } from './session.ts'
import type { AgentSetup } from './session.ts'

/**
 * Asks the sources of an agent for their tools, all at once, before a run
 * begins. A run that is cancelled meanwhile begins, and ends, without them.
 *
 * @throws {@link CoreError} `CORE_TOOL_SOURCE` for the first that has none to give; `CORE_INVALID_OPTIONS` for tools
 *   that the agent cannot have.
 */
export async function listTools(setup: AgentSetup, signal: AbortSignal): Promise<AgentSetup> {
  const sources = setup.options.toolSources ?? []
  if (sources.length === 0 || signal.aborted) return setup
  const catalogues = await Promise.allSettled(sources.map((source) => listUntilAborted(source, signal)))
  if (signal.aborted) return setup
  const tools: Tool[] = []
  const recorded: RecordedToolSource[] = []
  for (const [index, source] of sources.entries()) {
    const settled = catalogues[index]
    if (settled?.status !== 'fulfilled') throw unavailable(source.name, settled?.reason)
    tools.push(...settled.value.tools)
    recorded.push({ name: source.name, catalogue: settled.value.recorded })
  }
  return addTools(setup, tools, recorded)
}

/** A source that ignores the signal is left to itself. */
function listUntilAborted(source: ToolSource, signal: AbortSignal): Promise<ToolCatalogue> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    source
      .list({ signal })
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * Gives an agent the tools that a recorded run got from its sources. Nothing is
 * asked for. What the agent has no source for stays out: comparing the two
 * names it.
 *
 * @throws {@link CoreError} `CORE_TOOL_SOURCE` when a source cannot read its catalogue.
 */
export function restoreTools(setup: AgentSetup, started: RunStarted): AgentSetup {
  const { toolSources = [] } = started
  if (toolSources.length === 0) return setup
  const tools: Tool[] = []
  const known: RecordedToolSource[] = []
  for (const recorded of toolSources) {
    const source = setup.options.toolSources?.find(({ name }) => name === recorded.name)
    if (source === undefined) continue
    try {
      tools.push(...source.restore(recorded.catalogue))
    } catch (cause) {
      throw unavailable(source.name, cause)
    }
    known.push(recorded)
  }
  return addTools(setup, tools, known)
}

function addTools(setup: AgentSetup, added: readonly Tool[], recorded: readonly RecordedToolSource[]): AgentSetup {
  const tools = [...(setup.options.tools ?? []), ...added]
  checkTools(tools)
  const full = withTools(setup, tools, recorded)
  checkToolChoice(full.options)
  return full
}

function unavailable(name: string, cause: unknown): CoreError {
  const text = `the tools of source ${JSON.stringify(name)} are not to be had: ${errorText(cause)}`
  return new CoreError('CORE_TOOL_SOURCE', text, { cause })
}
