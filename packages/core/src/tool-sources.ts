import type { RecordedToolSource, RunStarted } from '@starling/event'
import { errorText } from '@starling/step'
import type { Tool, ToolCatalogue, ToolSource } from '@starling/tool'
import { checkToolChoice, checkTools } from './agent-options.ts'
import { CoreError } from './core-error.ts'
import { withTools } from './session.ts'
import type { AgentSetup } from './session.ts'

/**
 * Asks the sources of an agent for their tools, all at once, before a run
 * begins. The first that fails ends the wait, and the work of the others. A run
 * that is cancelled meanwhile begins, and ends, without them.
 *
 * @throws {@link CoreError} `CORE_TOOL_SOURCE` for the first that has none to give; `CORE_INVALID_OPTIONS` for tools
 *   that the agent cannot have.
 */
export async function listTools(setup: AgentSetup, signal: AbortSignal): Promise<AgentSetup> {
  const sources = setup.options.toolSources ?? []
  if (sources.length === 0 || signal.aborted) return setup
  const failed = new AbortController()
  try {
    const either = AbortSignal.any([signal, failed.signal])
    const catalogues = await Promise.all(sources.map((source) => listUntilAborted(source, either)))
    const recorded = sources.map(({ name }, index) => ({ name, catalogue: catalogues[index]?.recorded ?? '' }))
    return addTools(
      setup,
      catalogues.flatMap(({ tools }) => tools),
      recorded,
    )
  } catch (error) {
    if (signal.aborted) return setup
    failed.abort(error)
    throw error
  }
}

/** A source that ignores the signal is left to itself. */
function listUntilAborted(source: ToolSource, signal: AbortSignal): Promise<ToolCatalogue> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    list(source, signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** What a source offers is from elsewhere: the types promise nothing of it. */
async function list(source: ToolSource, signal: AbortSignal): Promise<ToolCatalogue> {
  try {
    const catalogue: unknown = await source.list({ signal })
    if (!isCatalogue(catalogue)) throw new TypeError('its catalogue is not a list of tools and a text to record')
    checkTools(catalogue.tools)
    return catalogue
  } catch (cause) {
    throw unavailable(source.name, cause)
  }
}

function isCatalogue(value: unknown): value is ToolCatalogue {
  if (typeof value !== 'object' || value === null) return false
  return 'tools' in value && Array.isArray(value.tools) && 'recorded' in value && typeof value.recorded === 'string'
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
      const restored = source.restore(recorded.catalogue)
      checkTools(restored)
      tools.push(...restored)
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
