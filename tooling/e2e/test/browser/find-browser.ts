import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const ELSEWHERE = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Finds the browser that the test command has found or installed, or one on this machine; fails in one line without. */
export function findBrowser(environment: NodeJS.ProcessEnv): string {
  const named = environment['STARLING_BROWSER']
  if (named !== undefined && named !== '') return named
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ELSEWHERE]
  const found = candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    'no chromium here: install it, name one in STARLING_BROWSER, or set STARLING_NO_BROWSER=1 to go without',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
