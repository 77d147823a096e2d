import { decodeValue } from '@starling/event'
import type { RunStarted } from '@starling/event'
import { capabilitiesFor } from '@starling/provider'
import { createSchemaReader } from '@starling/tool'
import type { ReadValue, SchemaReader, ToolInputSchema } from '@starling/tool'
import { errorText } from '@starling/step'
import { CoreError } from './core-error.ts'
import type { AgentOptions } from './definition.ts'

/** What a run's final answer must be. */
export interface OutputRules {
  /** How often the model may correct an answer that does not match. */
  readonly maxRepairs: number
  /** Reads an answer. */
  read(text: string): Promise<ReadValue<unknown>>
}

/** How `UserMessageAppended` names the origin of a request for another answer. */
export const OUTPUT_ORIGIN = 'output'

/** How the model learns of the output schema: as the format of its answer, or in words, with or without JSON as the format. */
export type OutputForm = 'schema' | 'json' | 'words'

/** An agent's options with what its output schema makes of them. */
export interface ResolvedOutput {
  readonly options: AgentOptions
  readonly output: OutputRules | undefined
}

/** The form in which an agent's model is told: the vendor's own means come before words, as far as the model has any. */
function chooseForm(options: AgentOptions): OutputForm {
  const able = capabilitiesFor(options.provider, options.model)
  if (options.outputVia === 'prompt' || (able.formatExcludesTools === true && hasTools(options))) return 'words'
  if (able.schemaFormat === true) return 'schema'
  return able.jsonFormat === true ? 'json' : 'words'
}

function hasTools({ tools = [], params = {} }: AgentOptions): boolean {
  // A vendor's own tools travel in the parameters.
  return tools.length > 0 || (!(params instanceof Uint8Array) && 'tools' in params)
}

/** The form in which the model of a run was told; `words` also for one that was told nothing. */
export function recordedForm({ settings }: RunStarted): OutputForm {
  const format = new Map(Object.entries(settings === undefined ? {} : (decodeValue(settings) ?? {}))).get(
    'responseFormat',
  )
  const type: unknown = typeof format === 'object' && format !== null ? Reflect.get(format, 'type') : undefined
  if (type === 'json-schema') return 'schema'
  return type === 'json' ? 'json' : 'words'
}

/** What an agent's output schema makes of its options. */
export function resolveOutput(options: AgentOptions, form: OutputForm = chooseForm(options)): ResolvedOutput {
  if (options.output === undefined) return { options, output: undefined }
  const reader = readerOf(options.output)
  const output = { maxRepairs: options.maxOutputRepairs ?? 2, read: (text: string) => readAnswer(reader, text) }
  if (form === 'schema') {
    const responseFormat = { type: 'json-schema', name: 'output', schema: reader.schema } as const
    return { options: { ...options, responseFormat }, output }
  }
  const { systemPrompt = '' } = options
  const told = {
    ...options,
    systemPrompt: `${systemPrompt}${systemPrompt === '' ? '' : '\n\n'}${instruct(reader.schema)}`,
  }
  return { options: form === 'json' ? { ...told, responseFormat: { type: 'json' } } : told, output }
}

function readerOf(schema: ToolInputSchema): SchemaReader<unknown> {
  try {
    return createSchemaReader(schema, 'output')
  } catch (cause) {
    throw new CoreError('CORE_INVALID_OPTIONS', `output is not usable: ${errorText(cause)}`, { cause })
  }
}

function instruct(schema: string): string {
  return `Your final answer must be one JSON value and nothing else, as this JSON Schema describes it:\n${schema}`
}

/** Models like to put JSON into a code block, whatever they are told. */
const FENCED = /^```(?:json)?\s*\n(.*)\n\s*```$/is

async function readAnswer(reader: SchemaReader<unknown>, text: string): Promise<ReadValue<unknown>> {
  const trimmed = text.trim()
  if (trimmed === '') return { problems: ['the answer has no text'] }
  return reader.read(FENCED.exec(trimmed)?.[1] ?? trimmed)
}

/** More would help no model, and is in every prompt from then on. */
const MAX_PROBLEMS = 20

/** Asks for another answer, saying what is wrong with the last one. */
export function repairMessage(problems: readonly string[]): string {
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `\n- ${problem}`)
  const more = problems.length > MAX_PROBLEMS ? `\n- and ${problems.length - MAX_PROBLEMS} more` : ''
  const ask = 'Answer again with the whole corrected JSON value and nothing else.'
  return `The answer does not match its JSON Schema:${lines.join('')}${more}\n${ask}`
}
