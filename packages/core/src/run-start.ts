import { blake3, toHex, utf8Encode } from '@starling/event'
import type { RunStarted, UserMessageAppended } from '@starling/event'
import { ENGINE, hashToolRegistry } from '@starling/step'
import type { Engine } from '@starling/step'
import { describePolicy } from './access.ts'
import type { AgentSetup } from './session.ts'
import { differingSettings, encodeSettings } from './settings.ts'

/** The version of the event schema that runs are recorded with. */
export const SCHEMA_VERSION = 1

/** What a run is to do. */
export type Goal = UserMessageAppended

/** The first event of a run: everything about the agent that its replay must find the same. */
export function describeStart(setup: AgentSetup, goal: Goal, engine: Engine): RunStarted {
  const { options, params, tools } = setup
  const { systemPrompt = '', provider, model, budget, appVersion, starlingVersion } = options
  const toolSchemas = [...tools.values()]
    .map(({ name, inputSchema }) => ({ name, schemaHash: inputSchema === '' ? null : blake3(utf8Encode(inputSchema)) }))
    .toSorted((a, b) => compareUtf8(a.name, b.name))
  return {
    schemaVersion: SCHEMA_VERSION,
    goal: goal.content,
    providerId: provider.info.id,
    modelId: model,
    apiVersion: provider.info.apiVersion,
    paramsHash: params === null ? null : blake3(params),
    params,
    systemPromptHash: systemPrompt === '' ? null : blake3(utf8Encode(systemPrompt)),
    systemPrompt,
    toolRegistryHash: hashToolRegistry(toolSchemas),
    toolSchemas,
    budget,
    starlingVersion: starlingVersion ?? STARLING_VERSION,
    appVersion,
    engine,
    attachments: goal.attachments,
    settings: engine === ENGINE.reference ? undefined : encodeSettings(setup.settings),
    ...describePolicy(options.policy),
    toolSources: setup.toolSources.length === 0 ? undefined : setup.toolSources,
  }
}

/** What of the agent differs from the one that began a run, in one line; budget and versions may. */
export function describeMismatch(setup: AgentSetup, recorded: RunStarted, engine: Engine): string | undefined {
  const own = describeStart(setup, { content: recorded.goal }, engine)
  const different = [
    changed('provider', recorded.providerId, own.providerId),
    changed('API version', recorded.apiVersion, own.apiVersion),
    changed('model', recorded.modelId, own.modelId),
    hexOf(recorded.systemPromptHash) === hexOf(own.systemPromptHash) ? undefined : 'the system prompt',
    hexOf(recorded.paramsHash) === hexOf(own.paramsHash) ? undefined : 'the params',
    ...(engine === ENGINE.reference ? [] : differingSettings(recorded.settings, setup.settings)),
    hexOf(recorded.policyHash) === hexOf(own.policyHash) ? undefined : 'the policy',
    ...describeSources(recorded.toolSources ?? [], setup.options.toolSources ?? []),
    ...describeTools(recorded.toolSchemas ?? [], own.toolSchemas ?? []),
  ].filter((part) => part !== undefined)
  return different.length === 0 ? undefined : different.join(', ')
}

function changed(name: string, recorded: string, own: string): string | undefined {
  return recorded === own ? undefined : `${name} recorded ${JSON.stringify(recorded)}, now ${JSON.stringify(own)}`
}

/** What sources offer now is of no matter: a run keeps what they offered when it began. */
function describeSources(recorded: readonly Named[], own: readonly Named[]): string[] {
  const [before, after] = [recorded.map(({ name }) => name), own.map(({ name }) => name)]
  return [
    ...before.filter((name) => !after.includes(name)).map((name) => `tool source ${name} is gone`),
    ...after.filter((name) => !before.includes(name)).map((name) => `tool source ${name} is new`),
  ]
}

interface Named {
  readonly name: string
}

function describeTools(recorded: ToolSchemas, own: ToolSchemas): string[] {
  const before = new Map(recorded.map((tool) => [tool.name, hexOf(tool.schemaHash)]))
  const after = new Map(own.map((tool) => [tool.name, hexOf(tool.schemaHash)]))
  return [
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `tool ${name} is gone`),
    ...[...after.keys()].filter((name) => !before.has(name)).map((name) => `tool ${name} is new`),
    ...[...after]
      .filter(([name, hash]) => before.has(name) && before.get(name) !== hash)
      .map(([name]) => `the schema of tool ${name}`),
  ]
}

type ToolSchemas = NonNullable<RunStarted['toolSchemas']>

function hexOf(hash: Uint8Array | null | undefined): string {
  return hash === null || hash === undefined ? '' : toHex(hash)
}

/** How this library names itself in the log. */
const STARLING_VERSION = 'starling-ts/0.1.0'

/** Orders texts by their UTF-8 bytes, which is the order of their code points. */
function compareUtf8(a: string, b: string): number {
  const left = Array.from(a)
  const right = Array.from(b)
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
