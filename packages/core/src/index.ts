export { BuildError, formatError, type BuildErrorDetails } from './errors.ts';
export { cleanEnv, run, SOURCE_DATE_EPOCH, type RunOptions, type RunResult } from './run.ts';
export { readHostTools, requireHostTools, type HostTools } from './host-tools.ts';
export { cacheDir } from './paths.ts';
export { createStep, formatBytes, type Progress, type Step } from './step.ts';
export { readManifest, sha256File, writeManifest, type Manifest, type ManifestInput, type ManifestOutput, type ManifestSource } from './manifest.ts';
export { defineCommand, defineExecutor, type BuildContext, type ExecutorDefinition, type TargetContext } from './executor.ts';
