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
  /** How long a connection of the pool is waited for, in milliseconds, where the pool sets no limit of its own. */
  readonly waitMs: number | undefined
  /** Whether whoever made the pool has limited how long the answer to a statement is waited for. */
  readonly hasQueryTimeout: boolean
  /** How to make a connection outside the pool. */
  readonly config: ClientConfig
}

const DEFAULT_POOL_SIZE = 10

const URL_PARTS = /^postgres(?:ql)?:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

// The parameters of a URL in which an @ is nothing strange.
const HAS_AT = /^(?:user|password|options|application_name|fallback_application_name)=/

// What stands for a database whose URL is not understood, and so not shown.
const UNNAMED = 'the database'
const NO_URL = 'its URL is none, or names a file that cannot be read'
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
  if (pool !== undefined) return { pool, target: targetOfPool(pool, options) }
  if (url !== undefined) checkUrl(url)
  const config = clientConfig(options)
  const target = { ...targetOf(config), ownsPool: true, waitMs: undefined, hasQueryTimeout: false }
  return { target, pool: createPool({ ...config, max: options.poolSize ?? DEFAULT_POOL_SIZE }) }
}

function targetOfPool(pool: Pool, { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS }: ConnectOptions): Target {
  const { connectionTimeoutMillis = 0, query_timeout: queryTimeout = 0, password } = pool.options
  const isPatient = connectionTimeoutMillis === 0 && connectTimeoutMs > 0
  // A pool hides its password from copies.
  const config = { ...pool.options, ...(password === undefined ? {} : { password }) }
  return {
    ...targetOf(isPatient ? { ...config, connectionTimeoutMillis: connectTimeoutMs } : config),
    ownsPool: false,
    waitMs: isPatient ? connectTimeoutMs : undefined,
    hasQueryTimeout: queryTimeout > 0,
  }
}

/**
 * Refuses a URL of which a part of the password would be taken for the host or
 * the database, and shown as such: one with characters in its password that end
 * the place where a password can be.
 */
function checkUrl(url: string): void {
  if (url.startsWith('/') || url.startsWith('socket:')) return
  const [, authority = '', path = '', query = '', fragment = ''] = URL_PARTS.exec(url) ?? []
  const strange = query.split('&').filter((part) => part.includes('@') && !HAS_AT.test(part))
  if (authority === '' && path === '' && query === '') throw openFailed(UNNAMED, NO_URL)
  if (path.includes('@') || fragment.includes('@') || strange.length > 0) {
    throw openFailed(UNNAMED, 'its URL has an @ behind the host: write / ? # @ in a password as %2F %3F %23 %40')
  }
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

function targetOf(config: ClientConfig): Pick<Target, 'label' | 'secret' | 'config'> {
  const { host, port, database, password } = resolve(config)
  return { label: `${host}:${port}/${database ?? ''}`, secret: password, config }
}

// The driver knows which variables of the environment stand in for what is not given.
function resolve(config: ClientConfig): Pick<Client, 'host' | 'port' | 'database' | 'password'> {
  try {
    return createClient(config)
  } catch (error) {
    // What the driver says may quote what it was given, with the password in it.
    const lacksAuthority = error instanceof Error && error.message.includes('sslmode=verify-ca requires')
    throw openFailed(UNNAMED, lacksAuthority ? 'sslmode=verify-ca needs sslrootcert, the file of an authority' : NO_URL)
  }
}
