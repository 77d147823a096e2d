/** Returns the version of this package; all packages of the project share one. */
export function packageVersion(): string {
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}
