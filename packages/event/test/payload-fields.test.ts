import { describe, expect, test } from 'vitest'
import { KIND, payloadFields } from '../src/index.ts'
import type { KindName, PayloadField } from '../src/index.ts'

const ATTACHMENTS = 'attachments?:list(type:text media_type:text data?:bytes url?:text name?:text)'
const RATE =
  'rate?:map(input?:float output?:float cache_read?:float cache_write?:float cache_write_long?:float reasoning?:float)'

// Declaration order: the order of the JSON projections. `?` is left out when empty, `+` an extension of that sort.
const TABLES: Readonly<Record<KindName, string>> = {
  RunStarted:
    'schema_version:u32 goal:text provider_id:text model_id:text api_version:text params_hash:bytes params:raw ' +
    'system_prompt_hash:bytes system_prompt:text tool_registry_hash:bytes tool_schemas:list(name:text schema_hash:bytes) ' +
    'budget?:map(max_input_tokens?:i64 max_output_tokens?:i64 max_usd?:float max_wall_clock_ms?:i64 ' +
    'max_total_tokens?:i64 max_tool_calls?:i64) starling_version?:text app_version?:text ' +
    `engine?:u32 parent_run_id?:text parent_root?:bytes settings?:raw ${ATTACHMENTS} ` +
    `policy_hash?:bytes policy?:raw tool_sources?:list(name:text catalogue:text)`,
  UserMessageAppended: `content:text origin?:text ${ATTACHMENTS}`,
  TurnStarted: 'turn_id:text prompt_hash:bytes input_tokens:i64',
  ReasoningEmitted: 'turn_id:text content:text sensitive:bool signature?:bytes redacted?:bool',
  AssistantMessageCompleted:
    'turn_id:text text:text tool_uses?:list(call_id:text tool:text args:raw args_error?:text) stop_reason:text ' +
    'input_tokens:i64 output_tokens:i64 cache_read_tokens?:i64 cache_create_tokens?:i64 cost_usd:float ' +
    'raw_response_hash:bytes provider_request_id?:text finish_reason?:text reasoning_tokens?:i64 ' +
    `cache_create_long_tokens?:i64 ${RATE} ` +
    'parts?:list(type:text length?:i64 data?:text signature?:bytes citations?:list(data:text)) ' +
    'provider_id?:text model_id?:text',
  ToolCallScheduled: 'call_id:text turn_id:text tool:text args:raw attempt:u32 idemp_key?:text reissue_of?:text',
  ToolCallCompleted: `call_id:text result:raw duration_ms:i64 attempt:u32 ${ATTACHMENTS}`,
  ToolCallFailed: 'call_id:text error:text error_type:text duration_ms:i64 attempt:u32 final?:bool retry_after_ms?:i64',
  SideEffectRecorded: 'name:text value:raw call_id?:text attempt?:u32 ordinal?:u32 error?:text',
  BudgetExceeded:
    'limit:text cap:float actual:float where:text turn_id?:text call_id?:text partial_text?:text partial_tokens?:i64',
  ContextTruncated: 'strategy:text tokens_before:i64 tokens_after:i64 messages_before:u32 messages_after:u32',
  RunCompleted:
    'final_text:text turn_count:u32 tool_call_count:u32 total_cost_usd:float total_input_tokens:i64 ' +
    'total_output_tokens:i64 duration_ms:i64 merkle_root:bytes',
  RunFailed: 'error:text error_type:text merkle_root:bytes duration_ms:i64',
  RunCancelled: 'reason:text merkle_root:bytes duration_ms:i64',
  RunResumed: 'at_seq:u64 extra_message?:text reissue_tools:bool pending_calls:u32',
  TurnFailed:
    'turn_id:text attempt:u32 error:text error_class:text next:text status?:u32 partial_text?:text retry_after_ms?:i64 ' +
    'provider_id?:text model_id?:text input_tokens?:i64 output_tokens?:i64 cache_read_tokens?:i64 ' +
    `cache_create_tokens?:i64 cache_create_long_tokens?:i64 reasoning_tokens?:i64 cost_usd?:float ${RATE}`,
}

describe('payload fields', () => {
  test.each(Object.entries(KIND))('of %s are those of the wire format, in declaration order', (name, kind) => {
    expect(describeFields(payloadFields(kind) ?? [])).toBe(TABLES[name as KindName])
  })

  test('an unknown kind has none', () => {
    expect(payloadFields(0)).toBeUndefined()
    expect(payloadFields(17)).toBeUndefined()
  })

  test('the property is the camel-case form of the key', () => {
    const fields = payloadFields(KIND.RunStarted) ?? []
    expect(fields.find(({ key }) => key === 'tool_registry_hash')?.property).toBe('toolRegistryHash')
    expect(fields.find(({ key }) => key === 'budget')?.fields[3]?.property).toBe('maxWallClockMs')
  })
})

function describeFields(fields: readonly PayloadField[]): string {
  return fields
    .map((field) => {
      const nested = field.fields.length === 0 ? '' : `(${describeFields(field.fields)})`
      return `${field.key}${field.omit ? '?' : ''}:${field.width ?? field.type}${nested}`
    })
    .join(' ')
}
