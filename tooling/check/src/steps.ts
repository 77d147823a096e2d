import { join } from 'node:path'
import { createCommandStep } from './command-step.ts'
import { createManifestsStep } from './manifests.ts'
import { createPackageShapeStep } from './package-shape.ts'
import { listPackages } from './packages.ts'
import { ROOT, type Runner } from './runner.ts'
import type { Step } from './step.ts'

/** What {@link createSteps} needs. */
export interface StepsOptions {
  readonly runner: Runner
  /** Run the unit tests as well. */
  readonly withTests: boolean
}

const TURBO_RUN = ['--ui=stream', '--output-logs=errors-only', '--no-update-notifier', '--continue=always'] as const
const TASKS = /Tasks:\s+(\d+) successful/
const LINTED = /on (\d+) files/

/** Creates the steps, the slow ones first. */
export function createSteps({ runner, withTests }: StepsOptions): readonly Step[] {
  const steps = [
    ...createCompilerSteps(runner),
    ...(withTests ? [createTestStep(runner)] : []),
    createPackageShapeStep(runner),
    createApiReportStep(runner),
    ...createSourceSteps(runner),
  ]
  return steps
}

function createCompilerSteps(runner: Runner): readonly Step[] {
  const packages = listPackages()
  const withScript = (script: string): number => packages.filter(({ scripts }) => scripts.includes(script)).length
  return [
    createCommandStep(runner, {
      name: 'build',
      command: ['turbo', 'run', 'build', ...TURBO_RUN],
      evidence: TASKS,
      unit: 'packages',
      atLeast: withScript('build'),
    }),
    createCommandStep(runner, {
      name: 'typecheck',
      command: ['turbo', 'run', 'typecheck', ...TURBO_RUN],
      evidence: TASKS,
      unit: 'packages',
      atLeast: withScript('typecheck'),
    }),
    createCommandStep(runner, {
      name: 'boundaries',
      command: ['turbo', 'boundaries'],
      evidence: /Checked \d+ files in (\d+) packages, no issues found/,
      unit: 'packages',
      atLeast: packages.length,
    }),
  ]
}

function createTestStep(runner: Runner): Step {
  return createCommandStep(runner, {
    name: 'unit tests',
    command: ['vitest', 'run', '--project=unit', '--project=tooling', '--reporter=dot'],
    evidence: /Tests\s+(?:\d+ \w+ \| )*(\d+) passed/,
    unit: 'tests',
  })
}

function createApiReportStep(runner: Runner): Step {
  return createCommandStep(runner, {
    name: 'api-report',
    needs: 'build',
    command: [process.execPath, join(ROOT, 'tooling', 'api-report', 'main.ts'), '--check'],
    evidence: /(\d+) packages/,
    unit: 'packages',
  })
}

function createSourceSteps(runner: Runner): readonly Step[] {
  return [
    createCommandStep(runner, {
      name: 'oxlint',
      command: ['oxlint', '--deny-warnings'],
      evidence: LINTED,
      unit: 'files',
    }),
    createCommandStep(runner, { name: 'oxfmt', command: ['oxfmt', '--check'], evidence: LINTED, unit: 'files' }),
    createCommandStep(runner, {
      name: 'knip',
      command: ['knip', '--no-progress', '--no-config-hints', '--performance'],
      evidence: /getImportsAndExports\s+(\d+)/,
      unit: 'files',
    }),
    createManifestsStep(runner),
    createCommandStep(runner, {
      name: 'docs',
      command: [process.execPath, join(ROOT, 'tooling', 'docs', 'main.ts'), '--check'],
      evidence: /(\d+) citations/,
      unit: 'citations',
    }),
  ]
}
