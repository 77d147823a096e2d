import { decodePayload, fromHex, jsonToCbor, KIND, utf8Encode } from '@starling/event'
import type { BudgetCaps } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { ProviderError } from '@starling/provider'
import type { ModelChunk, Provider } from '@starling/provider'
import { callTool, currentCall } from '@starling/step'
import { transient } from '@starling/tool'
import type { Tool, ToolContext } from '@starling/tool'
import type { AgentDefinition } from '../../src/index.ts'
import { textOf } from './golden-run.ts'
import type { GoldenBudget, GoldenChunk, GoldenOperation, GoldenPhase, GoldenRun, GoldenTool } from './golden-run.ts'

/** What the scripted world of a scenario may do to the run it is part of. */
export interface GoldenWorld {
  readonly log: EventLog
  readonly runId: string
  /** A replay executes the tools again without the waits and cancellations that shaped the recording. */
  readonly replaying: boolean
  readonly cancel: () => void
  /** Told when a tool begins. */
  readonly onStart: (context: ToolContext) => void
  /** Lets a tool return when it is its turn. */
  readonly beforeReturn: (context: ToolContext) => Promise<void>
}

/** The agent that a scenario was recorded with, as of one of its phases. */
export function goldenAgent(run: GoldenRun, phase: GoldenPhase, world: GoldenWorld): AgentDefinition {
  const { inputs } = run
  const budget = phase.budget_override ?? inputs.budget
  return {
    provider: goldenProvider(run, phase, world),
    model: inputs.model,
    systemPrompt: textOf(inputs.system_prompt),
    tools: (phase.tools_override ?? inputs.tools ?? []).map((tool) => goldenTool(tool, world)),
    budget: budget === null ? undefined : budgetOf(budget),
    params: paramsOf(run),
    maxTurns: inputs.max_turns,
    namespace: inputs.namespace,
    appVersion: inputs.app_version,
    requireRawResponseHash: inputs.require_raw_response_hash,
    profile: 'reference',
  }
}

function budgetOf(budget: GoldenBudget): BudgetCaps {
  return {
    maxInputTokens: budget.max_input_tokens,
    maxOutputTokens: budget.max_output_tokens,
    maxUsd: budget.max_usd,
    maxWallClockMs: budget.max_wall_clock_ms,
  }
}

function paramsOf(run: GoldenRun): Uint8Array | undefined {
  const { params_cbor_hex: hex, params_json: json } = run.inputs
  if (hex !== undefined) return fromHex(hex)
  return json === null || json === '' ? undefined : jsonToCbor(json)
}

function goldenProvider(run: GoldenRun, phase: GoldenPhase, world: GoldenWorld): Provider {
  const turns = [...(phase.turns ?? [])]
  return {
    info: { id: run.inputs.provider_id, apiVersion: run.inputs.api_version },
    capabilities: { tools: true, reasoning: true, requestId: true },
    async *stream(_request, options = {}) {
      const turn = turns.shift()
      if (turn === undefined) throw new ProviderError('PROVIDER_REJECTED', 'scripted provider exhausted')
      const { open_error: failure } = turn
      if (failure !== undefined) throw new ProviderError('PROVIDER_REJECTED', failure.message, { status: failure.status })
      for (const chunk of turn.chunks ?? []) {
        const converted = await convertChunk(chunk, options.signal, world)
        if (converted !== undefined) yield converted
      }
    },
  }
}

async function convertChunk(
  chunk: GoldenChunk,
  signal: AbortSignal | undefined,
  world: GoldenWorld,
): Promise<ModelChunk | undefined> {
  const callId = chunk.call_id ?? ''
  switch (chunk.kind) {
    case 'text':
      return { type: 'text-delta', text: textOf(chunk.text) }
    case 'reasoning':
      return { type: 'reasoning-delta', text: textOf(chunk.text), signature: bytesOf(chunk.signature_hex) }
    case 'redacted':
      return { type: 'redacted-reasoning', data: textOf(chunk.text), signature: bytesOf(chunk.signature_hex) }
    case 'tool_start':
      return { type: 'tool-call-start', callId, name: chunk.name ?? '' }
    case 'tool_delta':
      return { type: 'tool-call-delta', callId, argumentsText: textOf(chunk.args) }
    case 'tool_end':
      return { type: 'tool-call-end', callId }
    case 'usage':
      return { type: 'usage', usage: usageOf(chunk) }
    case 'end':
      return {
        type: 'end',
        stopReason: 'other',
        rawStopReason: chunk.stop_reason ?? '',
        rawResponseHash: bytesOf(chunk.raw_response_hash_hex) ?? null,
        requestId: chunk.provider_request_id,
      }
    case 'error':
      throw new ProviderError('PROVIDER_REJECTED', chunk.message ?? '', { status: chunk.status })
    case 'cancel':
      world.cancel()
      return undefined
    case 'wait_deadline':
      await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      return undefined
    default:
      throw new Error(`no such chunk: ${chunk.kind}`)
  }
}

function usageOf(chunk: GoldenChunk): Extract<ModelChunk, { type: 'usage' }>['usage'] {
  return {
    input: chunk.input_tokens ?? 0,
    output: chunk.output_tokens ?? 0,
    cacheRead: chunk.cache_read_tokens ?? 0,
    cacheWrite: chunk.cache_create_tokens ?? 0,
    reasoning: 0,
  }
}

function bytesOf(hex: string | undefined): Uint8Array | undefined {
  return hex === undefined ? undefined : fromHex(hex)
}

function goldenTool(tool: GoldenTool, world: GoldenWorld): Tool {
  const failures = new Map<string, number>()
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: tool.schema_json,
    async execute(input, context) {
      world.onStart(context)
      for (const operation of tool.behaviour ?? []) {
        const result = await perform(operation, { input, context, world, failures })
        if (result !== undefined) return result
      }
      await world.beforeReturn(context)
      return '{"ok":true}'
    },
  }
}

interface Performance {
  readonly input: string
  readonly context: ToolContext
  readonly world: GoldenWorld
  /** How often each named operation has failed. */
  readonly failures: Map<string, number>
}

async function perform(operation: GoldenOperation, performance: Performance): Promise<string | undefined> {
  const { context, world, input } = performance
  switch (operation.op) {
    case 'now':
      await context.now()
      return undefined
    case 'random':
      await currentCall()?.randomUint64()
      return undefined
    case 'side_effect':
      for (let left = operation.count ?? 1; left > 0; left -= 1) {
        await context.sideEffect(operation.name ?? '', () => sideEffectValue(operation))
      }
      return undefined
    case 'side_effect_error':
      return failSideEffect(operation, performance)
    case 'wait_outcome':
      await waitFor(world, (event) => OUTCOMES.has(event.kind) && event.callId === operation.call_id)
      return undefined
    case 'wait_side_effects': {
      let left = operation.count ?? 1
      await waitFor(world, (event) => event.kind === SIDE_EFFECT && (left -= 1) === 0)
      return undefined
    }
    case 'call_tool':
      await callTool({
        tool: operation.name ?? '',
        input: operation.args,
        callId: operation.call_id,
        turnId: operation.turn_id ?? '',
        maxAttempts: operation.idempotent === true ? operation.max_attempts : 1,
      })
      return undefined
    case 'cancel_run':
      world.cancel()
      return undefined
    case 'return_ctx_err':
      if (!world.replaying) await new Promise((_resolve, reject) => waitForAbort(context.signal, reject))
      return undefined
    case 'fail':
    case 'fail_times':
    case 'panic':
      return fail(operation, performance)
    case 'return':
      await world.beforeReturn(context)
      return operation.json ?? ''
    case 'return_empty':
      await world.beforeReturn(context)
      return ''
    case 'return_args':
      await world.beforeReturn(context)
      return input
    default:
      throw new Error(`no such operation: ${operation.op}`)
  }
}

function waitForAbort(signal: AbortSignal, reject: (reason: unknown) => void): void {
  if (signal.aborted) reject(signal.reason)
  else signal.addEventListener('abort', () => reject(signal.reason))
}

async function fail(operation: GoldenOperation, { failures, context, world }: Performance): Promise<undefined> {
  const key = operation.name ?? operation.op
  const failed = failures.get(key) ?? 0
  if (operation.op === 'fail_times' && failed >= (operation.times ?? 0)) return undefined
  failures.set(key, failed + 1)
  await world.beforeReturn(context)
  const message = operation.error ?? ''
  if (operation.transient === true) throw transient(`${message}: tool: transient`)
  // oxlint-disable-next-line typescript/only-throw-error -- what is not an error is a panic
  if (operation.op === 'panic') throw message
  throw new Error(message)
}

async function failSideEffect(operation: GoldenOperation, { context }: Performance): Promise<undefined> {
  const error = new Error(operation.error ?? '')
  try {
    await context.sideEffect(operation.name ?? '', () => {
      throw error
    })
  } catch (caught) {
    if (operation.transient !== true) throw caught
  }
}

function sideEffectValue(operation: GoldenOperation): unknown {
  switch (operation.value_type) {
    case 'bytes':
      return fromHex(operation.value ?? '')
    case 'bigint':
    case 'bigint_value':
    case 'uint64':
    case 'int64':
      return BigInt(operation.value ?? '0')
    case 'json_raw':
      return utf8Encode(operation.value ?? '')
    default:
      return operation.value === undefined ? null : JSON.parse(operation.value)
  }
}

const OUTCOMES: ReadonlySet<number> = new Set([7, 8])
const SIDE_EFFECT = 9

interface LogNote {
  readonly kind: number
  readonly callId: string
}

/** Waits until the log holds an event: this is what fixed the order in which parallel tools finished. */
export async function waitFor(world: GoldenWorld, matches: (event: LogNote) => boolean): Promise<void> {
  if (world.replaying) return
  for await (const event of world.log.stream(world.runId)) {
    const callId =
      event.kind === KIND.ToolCallCompleted
        ? decodePayload(KIND.ToolCallCompleted, event.payload).callId
        : event.kind === KIND.ToolCallFailed
          ? decodePayload(KIND.ToolCallFailed, event.payload).callId
          : ''
    if (matches({ kind: event.kind, callId })) return
  }
}
