import type { Runner } from './runner.ts'
import type { Step } from './step.ts'

/** Creates the check of the ranges in every manifest. It also demands that syncpack saw the manifests. */
export function createManifestsStep(runner: Runner): Step {
  return {
    name: 'syncpack',
    async run() {
      const lint = await runner.run('syncpack', ['lint'])
      const list = await runner.run('syncpack', ['json'])
      const seen = list.output.split('\n').filter((line) => line.startsWith('{"dependency"')).length
      const passed = lint.exitCode === 0 && list.exitCode === 0 && seen > 0
      return { passed, detail: `${seen} ranges`, output: lint.output }
    },
  }
}
