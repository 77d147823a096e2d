import { EventLogError } from '@starling/eventlog'
import type { Client, ClientConfig, Pool } from 'pg'

import { createClient, createPool } from './driver.ts'
import { openFailed } from './storage-error.ts'

/** How to reach the database: exactly one of `url`, `connection` and `pool`. */
export interface ConnectOptions {
  /** `postgres://user:password@host:port/database`, with the parameters that the driver knows. */
  readonly url?: string | undefined
  /** The driver's own options, in place of a URL. */
  readonly connection?: ClientConfig | undefined
  /** A pool of the caller's, who also ends it; the limits on time are then those that it sets. */
  readonly pool?: Pool | undefined
  /** How many connections a pool of ours has at most. Default: 10. */
  readonly poolSize?: number | undefined
  /** TLS: `true` with the system's authorities, or the options of `node:tls`. Default: what the URL says, or none. */
  readonly ssl?: ClientConfig['ssl']
  /** How long to wait for a connection, in milliseconds; 0 for ever. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /** What the server calls the connections in its lists. Default: `starling`. */
  readonly applicationName?: string | undefined
}

/** Where a log is. */
export interface Target {
  /** Host, port and database, for messages. */
  readonly label: string
  /** The password, to keep it out of messages. */
  readonly secret: string | undefined
  /** Whether the pool is ours to end. */
  readonly ownsPool: boolean
  /** How to make a connection outside the pool. */
  readonly config: ClientConfig
}

const DEFAULT_POOL_SIZE = 10
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000

/**
 * Returns the pool that the options ask for, not connected yet.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS`, `EVENTLOG_OPEN_FAILED` when the URL is none.
 */
export function connect(options: ConnectOptions): { readonly pool: Pool; readonly target: Target } {
  const { url, connection, pool } = options
  const given = [url, connection, pool].filter((each) => each !== undefined)
  if (given.length !== 1) {
    const text = `expected one of url, connection and pool, got ${given.length} of them`
    throw new EventLogError('EVENTLOG_INVALID_OPTIONS', `eventlog/postgres: ${text}`)
  }
  if (pool !== undefined) return { pool, target: targetOf(pool.options, false) }
  const config = clientConfig(options)
  return { target: targetOf(config, true), pool: createPool({ ...config, max: options.poolSize ?? DEFAULT_POOL_SIZE }) }
}

function clientConfig(options: ConnectOptions): ClientConfig {
  const { url, connection, ssl, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, applicationName } = options
  return {
    keepAlive: true,
    ...(url === undefined ? connection : { connectionString: url }),
    ...(ssl === undefined ? {} : { ssl }),
    application_name: applicationName ?? connection?.application_name ?? 'starling',
    connectionTimeoutMillis: connectTimeoutMs,
  }
}

function targetOf(config: ClientConfig, ownsPool: boolean): Target {
  const { host, port, database, password } = resolve(config)
  return { label: `${host}:${port}/${database ?? ''}`, secret: password, ownsPool, config }
}

// The driver knows which variables of the environment stand in for what is not given.
function resolve(config: ClientConfig): Pick<Client, 'host' | 'port' | 'database' | 'password'> {
  try {
    return createClient(config)
  } catch {
    // What the driver says quotes what it was given, with the password in it.
    throw openFailed('the database', 'its URL is none, or names a file that cannot be read')
  }
}
