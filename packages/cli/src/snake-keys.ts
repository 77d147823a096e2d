/** Returns the object with its keys as on the wire, `turnId` as `turn_id`; absent values are left out. */
export function snakeKeys(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), item as unknown]),
  )
}
