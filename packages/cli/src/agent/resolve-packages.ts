const OURS = /^(?:@starling\/|zod(?:$|\/))/

// Hooks pile up: each more would ask all those before it, twice where a package is missing.
const registered = new Set<string>()

/**
 * Makes `@starling/*` and `zod` resolvable from every module of this process.
 *
 * A module that has its own copy gets its own copy; only where resolution
 * fails, the packages that `base` can import are used. So an agent module
 * works in any directory, before anything is installed there. Returns false
 * when this version of Node cannot do it (22.14).
 */
export function resolvePackagesFrom(base: string): boolean {
  const { registerHooks } = process.getBuiltinModule('node:module')
  if (typeof registerHooks !== 'function') return false
  if (registered.has(base)) return true
  registered.add(base)
  // In a checkout that runs from its sources, the packages must resolve to sources too.
  const fromSource = base.endsWith('.ts')
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!OURS.test(specifier)) return nextResolve(specifier, context)
      const wanted = fromSource ? { ...context, conditions: [...context.conditions, '@starling/source'] } : context
      try {
        return nextResolve(specifier, wanted)
      } catch (error) {
        if (!isNotFound(error)) throw error
        try {
          return nextResolve(specifier, { ...wanted, parentURL: base })
        } catch (missing) {
          // Neither has it: the first error names the module that asked for it.
          throw isNotFound(missing) ? error : missing
        }
      }
    },
  })
  return true
}

function isNotFound(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
  )
}
