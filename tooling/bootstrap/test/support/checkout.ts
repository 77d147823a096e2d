import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setUp } from '../../src/set-up.mjs'

/** A checkout with one package in a folder of its own, whose name has a space as folders do. */
export interface Checkout extends Disposable {
  readonly root: string
  /** Writes a file of the checkout, with a modification time that no other write has. */
  write(path: string, text: string): void
  read(path: string): string
}

let clock = 1_700_000_000

export function createCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'starling checkout '))
  const checkout: Checkout = {
    root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
      clock += 1
      utimesSync(join(root, path), clock, clock)
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
  checkout.write('package.json', '{"name":"root"}')
  checkout.write('pnpm-workspace.yaml', 'packages: [packages/*]')
  checkout.write('pnpm-lock.yaml', 'lockfileVersion: 9')
  checkout.write('tsconfig.base.json', '{}')
  checkout.write('packages/event/package.json', '{"name":"event","scripts":{"build":"tsc"}}')
  checkout.write('packages/event/src/index.ts', 'export {}')
  checkout.write('packages/event/test/index.test.ts', 'test')
  return checkout
}

/** An npm that notes how it was called and does what `behaviour` says instead of reaching for a registry. */
export interface FakeNpm {
  readonly environment: NodeJS.ProcessEnv
  /** The arguments of every install and every build so far. */
  calls(): readonly string[]
  /** What the next installs print before they fail; an empty list installs. */
  failInstalls(outputs: readonly string[]): void
  /** What every build prints before it fails. */
  failBuilds(output: string): void
}

export function createFakeNpm(checkout: Checkout): FakeNpm {
  checkout.write('fake/calls.txt', '')
  checkout.write('fake/failures.json', '[]')
  checkout.write('fake/npm-cli.js', NPM)
  checkout.write('fake/turbo.js', TURBO)
  checkout.write('fake/_npx/1/node_modules/.bin/pnpm', '')
  return {
    environment: { ...process.env, npm_execpath: join(checkout.root, 'fake', 'npm-cli.js') },
    calls: () => checkout.read('fake/calls.txt').trim().split('\n'),
    failInstalls: (outputs) => checkout.write('fake/failures.json', JSON.stringify(outputs)),
    failBuilds: (output) => checkout.write('fake/build-failure.txt', output),
  }
}

/** Sets up `checkout` and returns what it said. */
export async function setUpQuietly(checkout: Checkout, npm: FakeNpm): Promise<readonly string[]> {
  const said: string[] = []
  await setUp({ root: checkout.root, say: (line) => said.push(line), environment: npm.environment })
  return said
}

const NPM = `
const { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const args = process.argv.slice(process.argv.indexOf('--') + 1)
if (args[0] === 'node') {
  console.log([join(__dirname, '_npx/1/node_modules/.bin'), '/bin'].join(require('node:path').delimiter))
} else {
  appendFileSync(join(__dirname, 'calls.txt'), args.join(' ') + '\\n')
  const [failure, ...later] = JSON.parse(readFileSync(join(__dirname, 'failures.json'), 'utf8'))
  writeFileSync(join(__dirname, 'failures.json'), JSON.stringify(later))
  if (failure !== undefined) {
    console.error(failure)
    process.exit(1)
  }
  mkdirSync('node_modules/node/bin', { recursive: true })
  rmSync('node_modules/node/bin/node', { force: true })
  symlinkSync(process.execPath, 'node_modules/node/bin/node')
  mkdirSync('node_modules/turbo/bin', { recursive: true })
  copyFileSync(join(__dirname, 'turbo.js'), 'node_modules/turbo/bin/turbo')
}
`

const TURBO = `
const { appendFileSync, existsSync, mkdirSync, readFileSync } = require('node:fs')
appendFileSync('fake/calls.txt', 'turbo ' + process.argv[2] + ' ' + process.argv[3] + '\\n')
if (existsSync('fake/build-failure.txt')) {
  console.error(readFileSync('fake/build-failure.txt', 'utf8'))
  process.exit(1)
}
mkdirSync('packages/event/dist', { recursive: true })
`
