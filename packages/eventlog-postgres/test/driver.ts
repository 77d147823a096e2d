/**
 * Loads the driver, for test files to import before anything that uses it.
 *
 * Test workers resolve what CommonJS requires with the condition `import`, too,
 * which gives the driver a namespace where it expects its pool.
 */
import { registerHooks } from 'node:module'

const hooks = registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(
      specifier,
      specifier === 'pg-pool'
        ? { ...context, conditions: context.conditions.filter((condition) => condition !== 'import') }
        : context,
    ),
})
await import('pg')
hooks.deregister()
