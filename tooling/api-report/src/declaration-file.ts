import { existsSync, readFileSync } from 'node:fs'

/** A declaration file as the compiler wrote it. */
export interface DeclarationFile {
  /** Its text without the source map. */
  readonly text: string
  /** The declaration files it names, relative to it: `./event.d.ts`. */
  readonly imports: readonly string[]
  /** The exported declarations without TSDoc. */
  readonly undocumented: readonly string[]
}

const IMPORT = /(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g
const DECLARATION =
  /^(?<exported>export )?(?:declare |default |abstract |async )*(?:function|class|interface|type|const|let|enum|namespace) (?<name>[\w$]+)/gm
const LOCAL_EXPORTS = /^export (?:type )?\{(?<names>[^}]*)\};?$/gm

/** Reads a declaration file; `undefined` when there is none. */
export function readDeclarations(path: string): DeclarationFile | undefined {
  return existsSync(path) ? parseDeclarations(readFileSync(path, 'utf8')) : undefined
}

/** Takes a declaration file apart. */
export function parseDeclarations(source: string): DeclarationFile {
  const text = source.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n')
  return {
    text,
    imports: [...text.matchAll(IMPORT)].map(([, path]) => `${path}.d.ts`),
    undocumented: findUndocumented(text),
  }
}

function findUndocumented(text: string): readonly string[] {
  const exported = new Set([...text.matchAll(LOCAL_EXPORTS)].flatMap(({ groups }) => namesIn(groups?.['names'] ?? '')))
  const names: string[] = []
  for (const { groups, index } of text.matchAll(DECLARATION)) {
    const name = groups?.['name'] ?? ''
    const isPublic = groups?.['exported'] !== undefined || exported.has(name)
    if (isPublic && !isDocumented(text, index)) names.push(name)
  }
  return names
}

/** The local names of `a, type b, c as d`. */
function namesIn(list: string): readonly string[] {
  return list.split(',').map((part) =>
    part
      .trim()
      .replace(/^type /, '')
      .replace(/ as .*$/s, ''),
  )
}

function isDocumented(text: string, index: number): boolean {
  const before = text.slice(0, index)
  return before.endsWith('*/\n') && /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.test(before)
}
