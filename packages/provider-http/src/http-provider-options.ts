/** How long a call may be silent. */
export interface HttpTimeouts {
  /**
   * From starting the call to the first event of the answer, in milliseconds;
   * 0 for no limit. Node's own `fetch` gives up after 300,000 anyway. Default: 300,000.
   */
  readonly firstChunkMs?: number | undefined
  /**
   * Between two events, in milliseconds; keep-alive comments and pings do not
   * count and 0 is no limit. Default: 300,000.
   */
  readonly betweenChunksMs?: number | undefined
}

/** An API key, or a function that looks it up for every call; `null` is no key. */
export type ApiKey = string | null | (() => string | Promise<string>)

/** How a provider reaches its vendor: what every vendor over HTTP has in common. */
export interface HttpProviderOptions {
  /**
   * The API key; `null` sends none.
   *
   * A function is asked at every call and nowhere else: for keys that rotate or
   * live in a vault, and for an agent that must load without a key, as a replay does.
   *
   * Default: the vendor's environment variable, but only towards the vendor
   * itself or the endpoint that its other variable names: another endpoint
   * never gets that key unasked.
   */
  readonly apiKey?: ApiKey | undefined
  /** Where the API begins. Default: the vendor's environment variable, else the vendor itself. */
  readonly baseUrl?: string | undefined
  /** Further request headers; they win over the ones that the provider sets. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Query parameters of every request. Default: none. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** How long a call may be silent. Default: five minutes. */
  readonly timeouts?: HttpTimeouts | undefined
  /** How the provider is named in the log. Default: the vendor's name. */
  readonly providerId?: string | undefined
  /** The API version as named in the log; a label only. Default: the vendor's. */
  readonly apiVersion?: string | undefined
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Where the defaults of `apiKey` and `baseUrl` are looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The clock, in milliseconds since the epoch; reads `Retry-After` dates. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}
