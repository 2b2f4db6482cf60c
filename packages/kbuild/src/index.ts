export { mergeFragments, parseConfig, parseFragment, type Request } from './fragment.ts';
export { requireSurvival } from './survival.ts';
export { compareVersion, readTreeVersion } from './tree-version.ts';
export { readKconfig, type Definitions } from './definitions.ts';
export { configure, type ConfigureOptions, type Configured } from './configure.ts';
export { make, type MakeOptions } from './make.ts';
export { chooseLauncher, compilerArguments, jobsFor, type Launcher } from './launcher.ts';
export { prepareDistcc, type Distcc } from './distcc.ts';
