// The tools that come along, driven by an agent, and replayed when nothing of what they touched is there any more.
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createAgent } from '@starling/core'
import { validateRun } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { createCallPolicy } from '@starling/policy'
import { createScriptedProvider } from '@starling/provider/scripted'
import {
  createFetchTool,
  createListFilesTool,
  createReadFileTool,
  createSearchFilesTool,
  createShellTool,
  createWriteFileTool,
} from '@starling/tools-builtin'
import { expect, test } from 'vitest'
import { inTemporaryDirectory } from './temporary-directory.ts'

const RUN = 'run-1'

interface Site extends AsyncDisposable {
  readonly url: string
  /** How often it was asked. */
  readonly requests: () => number
}

async function openSite(): Promise<Site> {
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    response.end(`page ${requests}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the site has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function toolsIn(root: string, url: string) {
  return [
    createFetchTool({ allowPrivate: [new URL(url).hostname] }),
    createReadFileTool({ root }),
    createListFilesTool({ root }),
    createSearchFilesTool({ root }),
    createWriteFileTool({ root }),
    createShellTool({ allow: ['touch', 'cat'], cwd: root }),
  ]
}

const POLICY = createCallPolicy({
  version: 1,
  default: 'allow',
  rules: [{ effect: 'deny', tool: 'shell', command: { program: 'cat', args: ['**', '/etc/*'] }, reason: 'not ours' }],
})

function turnsFor(url: string) {
  return [
    {
      toolCalls: [
        { id: 'a', name: 'fetch', arguments: { url } },
        { id: 'b', name: 'read_file', arguments: { path: 'note.txt' } },
        { id: 'c', name: 'list_files', arguments: {} },
        { id: 'd', name: 'read_file', arguments: { path: '../outside.txt' } },
        { id: 'e', name: 'fetch', arguments: { url: 'http://169.254.169.254/latest/meta-data/' } },
        { id: 'f', name: 'shell', arguments: { program: 'cat', args: ['/etc/hostname'] } },
      ],
    },
    { toolCalls: [{ id: 'g', name: 'write_file', arguments: { path: 'new.txt', contents: 'written once' } }] },
    { toolCalls: [{ id: 'h', name: 'shell', arguments: { program: 'touch', args: ['touched.txt'] } }] },
    { text: 'Done.' },
  ]
}

test('an agent works with all of them, and its replay touches neither the network nor the disk nor a process', async () => {
  await inTemporaryDirectory(async (directory) => {
    const root = join(directory, 'root')
    mkdirSync(root)
    writeFileSync(join(root, 'note.txt'), 'the answer is 42\n')
    writeFileSync(join(directory, 'outside.txt'), 'secret')
    await using log = await openSqliteEventLog({ path: join(directory, 'runs.db') })
    const site = await openSite()
    const provider = createScriptedProvider({ turns: turnsFor(site.url) })
    const agent = createAgent({
      model: 'scripted',
      provider,
      log,
      tools: toolsIn(root, site.url),
      policy: POLICY,
    })
    try {
      expect(await agent.runWithId(RUN, 'Work.')).toMatchObject({ status: 'completed' })
    } finally {
      await site[Symbol.asyncDispose]()
    }
    const results = Object.fromEntries(
      (provider.requests.at(-1)?.messages ?? []).flatMap((message) =>
        message.role === 'tool' ? [[message.callId, message]] : [],
      ),
    )
    expect(results).toMatchObject({
      a: { isError: false, content: expect.stringContaining('page 1') },
      b: { isError: false, content: expect.stringContaining('the answer is 42') },
      c: { isError: false, content: expect.stringContaining('note.txt') },
      d: { isError: true },
      e: { isError: true },
      f: { isError: true, content: expect.stringMatching(/^the policy denies this call: .*not ours$/) },
      g: { isError: false },
      h: { isError: false, content: expect.stringContaining('"exitCode":0') },
    })
    expect(JSON.stringify(results)).not.toContain('secret')
    expect(readFileSync(join(root, 'new.txt'), 'utf8')).toBe('written once')
    expect(existsSync(join(root, 'touched.txt'))).toBe(true)
    expect(await validateRun(log, RUN)).toMatchObject({ status: 'ok' })

    rmSync(root, { recursive: true })
    mkdirSync(root)
    for (const tools of ['execute', 'recorded'] as const) {
      expect(await agent.replay(RUN, { tools })).toMatchObject({ status: 'match', divergences: [] })
    }
    expect(site.requests()).toBe(1)
    expect(existsSync(join(root, 'new.txt')) || existsSync(join(root, 'touched.txt'))).toBe(false)
  })
})
