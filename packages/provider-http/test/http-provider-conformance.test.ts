import type { VendorReply, WireCodec } from '@starling/provider/conformance'
import { describeHttpProvider } from '../src/conformance/index.ts'
import { createLineProvider, doneEvent, PING, sse, textEvent } from './support/line-vendor.ts'

describeHttpProvider({
  name: 'line',
  codec: {
    contentType: 'text/event-stream',
    headers: (reply: VendorReply) => ({ 'line-request': reply.requestId }),
    encodeReply: ({ text, stopReason, usage }: VendorReply) => ({
      content: text.map(textEvent).join(''),
      finish: '',
      terminator: doneEvent({ stopReason, usage }),
    }),
    encodeStreamError: (message: string) => sse({ error: { message, code: 'busy' } }),
    encodePing: () => PING,
    encodeGarbage: () => sse('Internal Server Error'),
    encodeErrorBody: (_: number, message: string) => JSON.stringify({ error: { message } }),
  } satisfies WireCodec,
  create: createLineProvider,
})
