export { defineConfig, type StarlingConfig } from './agent/config.ts'
export { resolvePackagesFrom } from './agent/resolve-packages.ts'
export { EXIT, type ExitCode } from './exit-code.ts'
export type {
  AskOptions,
  CliIo,
  CliOutput,
  Diagnosis,
  ForkFileOptions,
  LogKind,
  LogStore,
  MigrationReport,
  ModuleHome,
  OpenMode,
  StoredLog,
} from './io.ts'
export { HIDDEN, isLogUrl, nameOfUrl } from './log-url.ts'
export { createProcessIo, type ProcessIoOptions } from './process-io.ts'
export { runCli } from './run-cli.ts'
