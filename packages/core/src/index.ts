export * from './portable.ts';
export { SOURCE_DATE_EPOCH } from './source-date-epoch.ts';
export { cleanEnv, run, type RunOptions, type RunResult } from './run.ts';
export { pipe } from './pipe.ts';
export { requireTools, UTILITIES } from './tool-path.ts';
export { INDIFFERENT } from './hash/npm-packages.ts';
export type { Recipe } from './hash/recipe.ts';
export { cacheDir } from './paths.ts';
export { default as formatBytes } from 'pretty-bytes';
export { createStep, type Progress, type Step } from './step.ts';
export {
  readManifest,
  requireArtifact,
  sha256File,
  writeManifest,
  type Manifest,
  type ManifestInput,
  type ManifestOutput,
  type ManifestSource,
} from './manifest.ts';
export { defineCommand } from './command.ts';
export type { BuildContext, TargetContext } from './context.ts';
export { defineExecutor, type ExecutorDefinition } from './executor.ts';
export { exists, ifThere, parseJson } from './files.ts';
export { readImageText } from './image-text.ts';
export { compareInputs, formatChange, type InputChange } from './compare-inputs.ts';
export { readInputs, recordInputs, type RecordedInputs } from './recorded-inputs.ts';
export { readReason } from './reason.ts';
