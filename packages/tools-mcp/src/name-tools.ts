import { createHash } from 'node:crypto'

import { McpError } from './mcp-error.ts'

const MAX_LENGTH = 64

/** Enough of a hash that two names of one server do not share it. */
const HASH_LENGTH = 8

/** A tool that needs a name for the model. */
export interface Nameable {
  /** Its name at the server. */
  readonly remote: string
  /** What it is called when nothing else is. Default: `remote`. */
  readonly wanted?: string | undefined
}

/**
 * Returns the tools' names for the model, in the order given.
 *
 * A name is the prefix and the wanted name, with `_` for what vendors do not
 * take. Names that are cut to fit, and those that would be the same, end in a
 * hash of the remote name; one that is as the server has it keeps its name.
 *
 * @throws {@link McpError} `MCP_INVALID_CATALOGUE` when two are the same even so.
 */
export function nameTools(tools: readonly Nameable[], prefix: string): readonly string[] {
  const plain = tools.map(({ remote, wanted = remote }) => {
    const name = prefix + wanted.replaceAll(/[^A-Za-z0-9_-]/gu, '_')
    return { remote, name, isUnchanged: name === prefix + remote }
  })
  const uses = new Map<string, number>()
  for (const { name } of plain) uses.set(name, (uses.get(name) ?? 0) + 1)
  const names = plain.map(({ remote, name, isUnchanged }) => {
    const isFree = isUnchanged || uses.get(name) === 1
    return name.length <= MAX_LENGTH && isFree ? name : hashedName(name, remote)
  })
  assertUnique(names, tools)
  return names
}

function hashedName(name: string, remote: string): string {
  const hash = createHash('sha256').update(remote).digest('hex').slice(0, HASH_LENGTH)
  return `${name.slice(0, MAX_LENGTH - HASH_LENGTH - 1)}_${hash}`
}

function assertUnique(names: readonly string[], tools: readonly Nameable[]): void {
  const first = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const before = first.get(name)
    if (before !== undefined) {
      const [one, other] = [tools[before]?.remote, tools[index]?.remote]
      throw new McpError('MCP_INVALID_CATALOGUE', `mcp tools "${one}" and "${other}" are both named ${name}`)
    }
    first.set(name, index)
  }
}
