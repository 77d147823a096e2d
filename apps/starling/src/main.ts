#!/usr/bin/env node
// Checked before anything else is loaded: an older Node would fail somewhere inside, without a word about why.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(`starling: Node ${process.versions.node} is too old; install Node 22.14 or newer\n`)
  process.exitCode = 1
} else {
  // Without it, compiling the modules again takes a tenth of the time of a short command.
  process.getBuiltinModule('node:module').enableCompileCache()
  const { createProcessIo, runCli } = await import('@starling/cli')
  const { createLogStore } = await import('./log-store.ts')
  const register = new URL(import.meta.url.endsWith('.ts') ? './register.ts' : './register.js', import.meta.url)
  const io = createProcessIo({ store: createLogStore(), modules: { base: import.meta.url, register: register.href } })
  const code = await runCli(process.argv.slice(2), io)
  process.exitCode = code
  // A tool or a connection that does not end must not keep a process that is to.
  if (code === 143) process.exit()
}
