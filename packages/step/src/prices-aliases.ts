/** Other names of models by the key that a price table has for them. */
export type AliasTable = Readonly<Record<string, readonly string[]>>

/** Turns alias tables around: the key of each alias. */
export function keysByAlias(tables: readonly AliasTable[]): ReadonlyMap<string, string> {
  const entries = tables.flatMap((table) => Object.entries(table))
  return new Map(entries.flatMap(([key, aliases]) => aliases.map((alias) => [alias, key] as const)))
}
