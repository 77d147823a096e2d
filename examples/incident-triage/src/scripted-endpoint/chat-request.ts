import * as z from 'zod'

/** A message of a Chat Completions request, as far as the script reads it. */
export interface ChatMessage {
  readonly role: string
  readonly content?: string | null | undefined
  readonly tool_call_id?: string | null | undefined
  readonly tool_calls?:
    | readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[]
    | null
    | undefined
}

/** A Chat Completions request, as far as the script reads it. */
export interface ChatRequest {
  readonly model: string
  readonly stream: true
  readonly messages: readonly ChatMessage[]
}

const CallSchema = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
})

const ChatRequestSchema: z.ZodType<ChatRequest> = z.looseObject({
  model: z.string(),
  stream: z.literal(true, { error: 'this endpoint only streams: send "stream": true' }),
  messages: z
    .array(
      z.looseObject({
        role: z.string(),
        content: z.string().nullish(),
        tool_call_id: z.string().nullish(),
        tool_calls: z.array(CallSchema).nullish(),
      }),
    )
    .min(1),
})

/** Reads the body of a request; throws an error with one line for the client. */
export function parseChatRequest(body: string): ChatRequest {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new Error('the body is not JSON', { cause })
  }
  const result = ChatRequestSchema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a chat request'}`, { cause: result.error })
}

/** Returns the results of the tools called so far, the latest per tool. */
export function toolResults(request: ChatRequest): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const results = new Map<string, string>()
  for (const { role, content, tool_call_id: callId, tool_calls: calls } of request.messages) {
    for (const call of calls ?? []) names.set(call.id, call.function.name)
    const name = role === 'tool' ? names.get(callId ?? '') : undefined
    if (name !== undefined) results.set(name, content ?? '')
  }
  return results
}
