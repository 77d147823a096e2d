import type { Transaction } from './connection.ts'
import type { Names } from './names.ts'

/**
 * Returns the statements that grant anew what others than their owner may do
 * with our tables and functions, which goes with the tables when they are made
 * anew. Whoever may call one of the functions that append may call all: there
 * may be more of them than before.
 */
export async function readGrants(run: Transaction, names: Names): Promise<readonly string[]> {
  const tables = [names.runs, names.counts, names.touched, names.search, names.state]
  const rows = await run<[statement: string]>(
    `SELECT DISTINCT format('GRANT %s ON %s TO %s%s', acl.privilege_type, acl.target,
         CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
         CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
     FROM (
       SELECT wanted.target, c.relowner AS owner, acl.*
       FROM unnest($1::text[]) AS wanted(target) JOIN pg_class AS c ON c.oid = to_regclass(wanted.target)
       CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
       UNION ALL
       SELECT 'FUNCTION ' || wanted.target, p.proowner, acl.*
       FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(p.proacl) AS acl
       CROSS JOIN unnest($2::text[]) AS wanted(target)
       WHERE p.pronamespace = to_regnamespace(quote_ident($3)) AND p.proname = 'starling_append'
     ) AS acl WHERE acl.grantee <> acl.owner`,
    [tables, [names.append, names.appendOne, names.appendTwo], names.schema],
  )
  return rows.map(([statement]) => statement)
}
