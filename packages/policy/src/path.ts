import { fitsPattern } from './pattern.ts'
import { fitsWildcards, type WildcardRules } from './wildcards.ts'

/** A path in its parts, without `.` and, as far as they can be taken out, `..`. */
export interface Path {
  readonly absolute: boolean
  readonly parts: readonly string[]
}

/** Takes `.` and `..` out of a path by its text alone: links are not looked at. */
export function parsePath(text: string): Path {
  const absolute = text.startsWith('/')
  const parts: string[] = []
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!absolute) parts.push('..')
  }
  return { absolute, parts }
}

/**
 * Reports whether a path may fit a pattern after all, when by its text it does
 * not: one of the two begins in a home or above the current folder, or only
 * the pattern is about the current folder. Where that is, no text says.
 */
export function mayFit(pattern: Path, path: Path): boolean {
  return leadsAway(path) || leadsAway(pattern) || (path.absolute && !pattern.absolute)
}

function leadsAway(path: Path): boolean {
  return !path.absolute && (path.parts[0] === '..' || path.parts[0]?.startsWith('~') === true)
}

/** Reports whether a glob of paths fits a path: `**` stands for any number of parts, other patterns stay in theirs. */
export function fitsPath(pattern: Path, path: Path): boolean {
  return pattern.absolute === path.absolute && fitsParts(pattern.parts, path.parts)
}

/** Reports whether a path is that of a folder, which may be a glob, or leads to something below it. */
export function isUnder(folder: Path, path: Path): boolean {
  if (folder.absolute !== path.absolute) return false
  return path.parts[0] !== '..' && fitsParts([...folder.parts, '**'], path.parts)
}

const PARTS: WildcardRules<string, string> = { isStar: (part) => part === '**', fits: fitsPattern }

function fitsParts(pattern: readonly string[], parts: readonly string[]): boolean {
  return fitsWildcards(pattern, parts, PARTS)
}
