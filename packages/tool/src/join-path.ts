/** Writes the place of a member: `filter.tags[2]`. */
export function joinPath(path: string, member: PropertyKey): string {
  if (typeof member === 'number') return `${path}[${member}]`
  const key = String(member)
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
