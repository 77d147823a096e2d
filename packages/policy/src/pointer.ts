/** Takes a JSON pointer (RFC 6901) apart; `undefined` when it is none. A `*` stands for all elements of a list. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Finds the values that a pointer leads to in parsed JSON: none, one, or with `*` any number of them. */
export function valuesAt(root: unknown, pointer: string): readonly unknown[] {
  let values: readonly unknown[] = [root]
  for (const key of parsePointer(pointer) ?? []) values = values.flatMap((value) => childrenOf(value, key))
  return values
}

function childrenOf(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) {
    if (key === '*') return value
    return /^(0|[1-9]\d*)$/.test(key) && Number(key) < value.length ? [value[Number(key)]] : []
  }
  if (typeof value !== 'object' || value === null) return []
  const own = Object.entries(value).find(([name]) => name === key)
  return own === undefined ? [] : [own[1]]
}
