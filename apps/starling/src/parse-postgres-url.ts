import { HIDDEN } from '@starling/cli'

/** Where a log in Postgres is. */
export interface PostgresPlace {
  /** The URL as the driver takes it. */
  readonly url: string
  /** The schema of the tables. */
  readonly schema: string
}

/**
 * Takes apart what the URL of a log says beyond what the driver knows:
 * `?schema=` names the schema of the tables, and `sslmode` means what it means
 * to other programs: `require` encrypts, `verify-full` also asks who answers.
 * A password that was hidden is none, so that the environment can have it.
 */
export function parsePostgresUrl(target: string): PostgresPlace {
  const at = target.indexOf('?')
  if (at === -1) return { url: withoutHidden(target), schema: 'public' }
  const parameters = new URLSearchParams(target.slice(at + 1))
  const schema = parameters.get('schema') ?? 'public'
  parameters.delete('schema')
  for (const name of ['password', 'sslpassword']) if (parameters.get(name) === HIDDEN) parameters.delete(name)
  if (parameters.has('sslmode') && !parameters.has('uselibpqcompat')) parameters.set('uselibpqcompat', 'true')
  // A plus stands for itself where the driver reads it.
  const rest = parameters.toString().replaceAll('+', '%20')
  return { url: withoutHidden(target.slice(0, at)) + (rest === '' ? '' : `?${rest}`), schema }
}

function withoutHidden(url: string): string {
  return url.replace(`:${HIDDEN}@`, '@')
}
