import { join } from 'node:path'
import { listPackages, type WorkspacePackage } from './packages.ts'
import { ROOT, type Runner } from './runner.ts'
import type { Step, StepOutcome } from './step.ts'

/**
 * Creates the check of what a user of each public package would install: its manifest, and its types under
 * every way to resolve a module. It looks at the packed build.
 */
export function createPackageShapeStep(runner: Runner): Step {
  return {
    name: 'package shape',
    needs: 'build',
    async run() {
      const packages = listPackages().filter(({ folder, isPrivate }) => folder.startsWith('packages/') && !isPrivate)
      const outcomes = await Promise.all([0, 1].map((lane) => checkLane(runner, packages, lane)))
      const failures = outcomes.flat().filter(({ passed }) => !passed)
      return {
        passed: packages.length > 0 && failures.length === 0,
        detail: `${packages.length} packages`,
        output: failures.map(({ output }) => output).join('\n'),
      }
    },
  }
}

/** Every other package, one after the other: two lanes keep two cores busy. */
async function checkLane(
  runner: Runner,
  packages: readonly WorkspacePackage[],
  lane: number,
): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = []
  for (const [index, { folder, name }] of packages.entries()) {
    if (index % 2 !== lane) continue
    const cwd = join(ROOT, folder)
    outcomes.push(demand(name, await runner.run('publint', ['run', '--strict'], { cwd }), 'All good!'))
    outcomes.push(demand(name, await runner.run('attw', ['--pack', '.', '--profile', 'esm-only'], { cwd }), '🟢'))
  }
  return outcomes
}

function demand(name: string, result: { exitCode: number; output: string }, evidence: string): StepOutcome {
  const passed = result.exitCode === 0 && result.output.includes(evidence)
  return { passed, detail: name, output: `${name}\n${result.output}` }
}
