import {
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
} from '@starling/provider'
import { assertAble, type Connection, streamAnswer } from '@starling/provider-http'
import { createChatAnswer } from './chat-answer.ts'
import { CHAT_CAPABILITIES, type ChatDialect } from './chat-dialect.ts'
import { convertToChatRequest } from './convert-to-chat-request.ts'

/** Creates a provider that speaks Chat Completions over `connection`. */
export function createChatProvider(connection: Connection, dialect: ChatDialect = {}): Provider {
  return new ChatProvider(connection, dialect)
}

class ChatProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities
  readonly #connection: Connection
  readonly #dialect: ChatDialect

  constructor(connection: Connection, dialect: ChatDialect) {
    this.info = connection.info
    this.capabilities = dialect.capabilities ?? CHAT_CAPABILITIES
    this.#connection = connection
    this.#dialect = dialect
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    return this.#dialect.capabilitiesOf?.(model) ?? this.capabilities
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    return streamAnswer(this.#connection, {
      signal: options.signal,
      prepare: () => {
        assertAble(request, this)
        this.#dialect.assertRequest?.(request)
        const target = { dialect: this.#dialect, providerId: this.info.id }
        const path = this.#dialect.path?.(request) ?? '/chat/completions'
        return { url: this.#connection.url(path), body: convertToChatRequest(request, target) }
      },
      open: (answer) => createChatAnswer(answer, { dialect: this.#dialect, providerId: this.info.id, request }),
    })
  }
}
