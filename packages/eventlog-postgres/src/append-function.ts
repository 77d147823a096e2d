import { dollarQuoted } from './names.ts'
import type { Names } from './names.ts'

/** What the function of {@link createAppend} says of a request that it did not write. */
export type Refusal =
  /** The run's lock is taken; only a call with a single request waits for it. */
  | 'locked'
  /** A newer lease has been granted. */
  | 'fenced'
  /** The run does not end as expected; its last event comes along. */
  | 'moved'

/** A row that the function returns: of which request, why, the newest token, and the last event of the run. */
export type RefusalRow = [
  request: number,
  refusal: Refusal,
  token: bigint | null,
  seq: bigint | null,
  prevHash: Uint8Array | null,
  ts: bigint | null,
  kind: number | null,
  payload: Uint8Array | null,
  size: number | null,
]

/** The error code of the functions when their transaction would not see what others commit meanwhile. */
export const WRONG_ISOLATION = 'ST001'

const PREPARE = `IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'an append needs read committed' USING ERRCODE = '${WRONG_ISOLATION}';
      END IF;
      IF lock_timeout_ms IS NOT NULL THEN
        PERFORM set_config('lock_timeout', lock_timeout_ms::text, true);
      END IF;`

// What stands for an event: everything of it that is hashed, of known length but for the payload at the end. Kinds count
// modulo 256, whatever stored them.
const DIGEST = `sha256(int8send(last.ts) || int4send(last.kind & 255) || int4send(coalesce(octet_length(last.prev_hash), -1))
        || coalesce(last.prev_hash, '') || last.payload)`

const hasMoved = (seq: string, digest: string): string =>
  `coalesce(last.seq, 0) <> ${seq} OR (last.seq IS NOT NULL AND ${DIGEST} IS DISTINCT FROM ${digest})`

/**
 * Returns the statement that creates the function behind every append.
 *
 * One call takes the lock of each run, checks fence and end, and writes: one
 * round trip, and one transaction. It has to be a function, as each statement
 * in one sees what was committed while the lock was waited for; a single
 * statement would see what there was before. What it expects of the last event
 * comes as a digest of all that the event's hash is made of, so that nothing
 * which somebody remembers is trusted.
 *
 * Several requests are only tried to be locked: no two calls can wait for each
 * other, and no run has to wait for another one.
 */
export function createAppend(names: Names): string {
  return `CREATE OR REPLACE FUNCTION ${names.append}(
    run_ids text[], fences bigint[], ends bigint[], digests bytea[],
    requests integer[], seqs bigint[], prev_hashes bytea[], times bigint[], kinds integer[],
    offsets integer[], lengths integer[], payloads bytea, lock_timeout_ms integer
  ) RETURNS TABLE (
    request integer, refusal text, token bigint, seq bigint, prev_hash bytea, ts bigint, kind integer, payload bytea
  ) LANGUAGE plpgsql VOLATILE AS ${dollarQuoted(`
    #variable_conflict use_column
    DECLARE
      last ${names.events}%ROWTYPE;
      accepted integer[] := '{}';
      refused text;
      granted bigint;
    BEGIN
      ${PREPARE}
      FOR i IN 1 .. cardinality(run_ids) LOOP
        refused := NULL;
        granted := NULL;
        last := NULL;
        IF cardinality(run_ids) = 1 THEN
          PERFORM pg_advisory_xact_lock(hashtextextended(run_ids[i], 0));
        ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(run_ids[i], 0)) THEN
          refused := 'locked';
        END IF;
        IF refused IS NULL AND fences[i] IS NOT NULL THEN
          SELECT lease.token INTO granted FROM ${names.leases} AS lease WHERE lease.run_id = run_ids[i];
          IF granted > fences[i] THEN refused := 'fenced'; END IF;
        END IF;
        IF refused IS NULL THEN
          SELECT * INTO last FROM ${names.events} AS e WHERE e.run_id = run_ids[i] ORDER BY e.seq DESC LIMIT 1;
          IF ${hasMoved('ends[i]', 'digests[i]')} THEN refused := 'moved'; END IF;
        END IF;
        IF refused IS NULL THEN
          accepted := accepted || i;
        ELSE
          RETURN QUERY SELECT i, refused, granted, last.seq, last.prev_hash, last.ts, last.kind, last.payload;
        END IF;
      END LOOP;
      IF cardinality(accepted) = 0 THEN RETURN; END IF;
      INSERT INTO ${names.events} (run_id, seq, prev_hash, ts, kind, payload)
        SELECT run_ids[added.request], added.seq, added.prev_hash, added.ts, added.kind,
          substring(payloads FROM added.start FOR added.length)
        FROM unnest(requests, seqs, prev_hashes, times, kinds, offsets, lengths)
          AS added(request, seq, prev_hash, ts, kind, start, length)
        WHERE added.request = ANY (accepted);
    END `)}`
}

/**
 * Returns the statements that create the functions behind the most frequent
 * appends, those of one event and of two: the same as {@link createAppend} for
 * half the work. They return why they did not write, and nothing when they did.
 */
export function createAppendFew(names: Names): readonly string[] {
  return [
    createFew(names.appendOne, { names, suffixes: [''] }),
    createFew(names.appendTwo, { names, suffixes: ['', '_2'] }),
  ]
}

/** `suffixes` are those of the parameters of each event. */
function createFew(name: string, { names, suffixes }: { names: Names; suffixes: readonly string[] }): string {
  const columns = ['seq bigint', 'prev_hash bytea', 'ts bigint', 'kind integer', 'payload bytea']
  const parameters = suffixes.flatMap((suffix) => columns.map((column) => `new_${column.replace(' ', `${suffix} `)}`))
  const rows = suffixes.map(
    (suffix) => `(run, ${columns.map((column) => `new_${column.split(' ', 1).join('')}${suffix}`).join(', ')})`,
  )
  return `CREATE OR REPLACE FUNCTION ${name}(
    run text, fence bigint, expected bigint, digest bytea, ${parameters.join(', ')}, lock_timeout_ms integer
  ) RETURNS text LANGUAGE plpgsql VOLATILE AS ${dollarQuoted(`
    DECLARE
      last ${names.events}%ROWTYPE;
      granted bigint;
    BEGIN
      ${PREPARE}
      PERFORM pg_advisory_xact_lock(hashtextextended(run, 0));
      IF fence IS NOT NULL THEN
        SELECT lease.token INTO granted FROM ${names.leases} AS lease WHERE lease.run_id = run;
        IF granted > fence THEN RETURN 'fenced'; END IF;
      END IF;
      SELECT * INTO last FROM ${names.events} AS e WHERE e.run_id = run ORDER BY e.seq DESC LIMIT 1;
      IF ${hasMoved('expected', 'digest')} THEN RETURN 'moved'; END IF;
      INSERT INTO ${names.events} (run_id, seq, prev_hash, ts, kind, payload) VALUES ${rows.join(', ')};
      RETURN NULL;
    END `)}`
}
