/** Takes a JSON pointer (RFC 6901) apart; `undefined` when it is none. A `*` stands for all elements. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The values that a pointer leads to. */
export interface Found {
  /** None, one, or with `*` any number of them. */
  readonly values: readonly unknown[]
  /** Whether some of the elements that a `*` stands for have no such value. */
  readonly missing: boolean
}

/** Finds the values that a pointer leads to in parsed JSON. */
export function findAt(root: unknown, pointer: string): Found {
  let values: readonly unknown[] = [root]
  let missing = false
  for (const key of parsePointer(pointer) ?? []) {
    const children = values.map((value) => childrenOf(value, key))
    // All elements of an empty list are there.
    missing ||= children.some((list, at) => list.length === 0 && !(key === '*' && Array.isArray(values[at])))
    values = children.flat()
  }
  return { values, missing }
}

/** Finds the values that a pointer leads to in parsed JSON: none, one, or with `*` any number of them. */
export function valuesAt(root: unknown, pointer: string): readonly unknown[] {
  return findAt(root, pointer).values
}

function childrenOf(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) {
    if (key === '*') return value
    return /^(0|[1-9]\d*)$/.test(key) && Number(key) < value.length ? [value[Number(key)]] : []
  }
  if (typeof value !== 'object' || value === null) return []
  // A * stands for everything in an object too: nothing in it goes unseen.
  if (key === '*') return Object.values(value)
  const own = Object.entries(value).find(([name]) => name === key)
  return own === undefined ? [] : [own[1]]
}
