import { spawn } from 'node:child_process'

/**
 * Waits for a word of this process, or for its end, of which the end of the input tells, however it came. Then the group
 * has a moment to end by itself, as the end of its own input tells it to, and another one after SIGTERM. It is looked at
 * every second: once it is gone, its number may be that of another one.
 */
const SCRIPT = `
read -r word && exit
for signal in TERM KILL; do
  for second in 1 2; do
    sleep 1
    kill -0 "-$0" || exit
  done
  kill "-$signal" "-$0"
done`

/** Calls off a {@link watchOver}. */
export type Release = () => void

/**
 * Has a shell end a process group when this process is killed, by SIGKILL or for want of memory, and can end nothing.
 *
 * Where there is no shell, nobody watches.
 */
export function watchOver(group: number): Release {
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // It outlives a signal to the group of this process, and keeps no folder.
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  })
  watcher.on('error', () => undefined)
  // Without a handle left for it, a process has no pipes either, which its type does not say.
  const input: typeof watcher.stdin | undefined = watcher.stdin
  input?.on('error', () => undefined)
  watcher.unref()
  if (input !== undefined && 'unref' in input && typeof input.unref === 'function') input.unref()
  return () => input?.end('done\n')
}
