import { defineConfig, type ViteUserConfig } from 'vitest/config'

// Tests import the sources of every workspace package, so no build is needed first.
const conditions = ['@starling/source', 'node', 'import', 'module', 'default']

// What node loads by itself must be what node can load: some packages keep code for bundlers under `module`. The
// workers of vitest get these as `--conditions`, so that also what CommonJS requires is resolved with them: with `import`
// among them, pg would be given a module namespace for its pool.
const nodeConditions = conditions.filter((condition) => !['import', 'module'].includes(condition))

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } },
} as const

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        ...shared,
        // One worker runs many files: no unit test may change what the next one finds.
        test: { name: 'unit', include: ['packages/*/test/**/*.test.ts'], testTimeout: 20_000, isolate: false },
      },
      {
        ...shared,
        test: {
          name: 'apps',
          include: ['{apps,examples}/*/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'tooling',
          include: ['tooling/*/test/**/*.test.{ts,mjs}'],
          exclude: ['tooling/e2e/**', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['tooling/e2e/test/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

export default config
