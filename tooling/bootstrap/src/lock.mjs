import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200

/**
 * Runs `work` while no other process holds the lock file. A lock whose process is gone is taken over.
 *
 * @template T
 * @param {string} path
 * @param {{ work: () => Promise<T>, onWait: (pid: number) => void }} options
 * @returns {Promise<T>}
 */
export async function withLock(path, { work, onWait }) {
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  while (!tryLock(path)) {
    const owner = readOwner(path)
    if (owner === undefined || !isAlive(owner)) {
      rmSync(path, { force: true })
      continue
    }
    if (!told) onWait(owner)
    told = true
    await sleep(POLL_MS)
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

/** @param {string} path */
function tryLock(path) {
  const own = `${path}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, path) // in one step with its content, so that nobody reads an empty lock
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/**
 * @param {string} path
 * @returns {number | undefined}
 */
function readOwner(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined // released meanwhile
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
