import * as z from 'zod'

/** What a worker tells its parent: an event is durable, or a tool call has begun and will not return. */
export type WorkerMessage =
  | { readonly type: 'event'; readonly seq: number; readonly kind: number; readonly line: string }
  | { readonly type: 'blocked'; readonly tool: string; readonly callId: string }

/** Checks what came over the channel. */
export const WorkerMessageSchema: z.ZodType<WorkerMessage> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('event'), seq: z.int(), kind: z.int(), line: z.string() }),
  z.strictObject({ type: z.literal('blocked'), tool: z.string(), callId: z.string() }),
])
