export { mergeFragments, parseConfig, parseFragment, type Request } from './fragment.ts';
export { requireSurvival } from './survival.ts';
export { readKconfig, type Definitions } from './definitions.ts';
export { configure, type ConfigureOptions, type Configured } from './configure.ts';
export { make, compilerArguments, type MakeOptions } from './make.ts';
