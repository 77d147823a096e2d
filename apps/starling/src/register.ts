// For `node --import`: lets modules anywhere import the packages that come with this program,
// where they have none of their own.
import { resolvePackagesFrom } from '@starling/cli'

resolvePackagesFrom(import.meta.url)
