// The workshop as a process of its own: `node workshop.child.ts [legacy]`.
import { serveStdio } from '@modelcontextprotocol/server/stdio'

import { createWorkshop } from './workshop.ts'

serveStdio(createWorkshop())
