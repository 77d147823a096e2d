// Starts a server and stays: `node host.child.ts <transport as JSON> <exit | stay | listen>`.
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
setInterval(() => undefined, 1000)
process.stdout.write('ready ')
