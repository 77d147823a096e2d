// Starts a server and stays: `node host.child.ts <transport as JSON> <exit | stay | listen | hook>`.
import { createMcpSource } from '../../src/index.ts'

const [, , transport = '', then = ''] = process.argv
const source = createMcpSource({ name: 'raw', transport: JSON.parse(transport) })
await source.list({})
if (then === 'exit') process.exit(0)
if (then === 'listen') {
  process.once('SIGTERM', () => {
    // A program that ends by itself has its servers until then.
    void source.list({}).then(({ tools }) => {
      process.stdout.write(`still ${tools.length} tools`)
      process.exit(0)
    })
  })
}
if (then === 'hook') {
  // As the package signal-exit does it.
  const emitter = { count: 1 }
  Object.defineProperty(globalThis, Symbol.for('signal-exit emitter'), { value: emitter })
  const onSignal = (): void => {
    if (process.listenerCount('SIGTERM') > emitter.count) return
    process.removeListener('SIGTERM', onSignal)
    process.kill(process.pid, 'SIGTERM')
  }
  process.on('SIGTERM', onSignal)
}
setInterval(() => undefined, 1000)
process.stdout.write('ready ')
