export { parseFragment, type Request } from './fragment.ts';
export { requireSurvival } from './survival.ts';
export { readTreeVersion } from './tree-version.ts';
export { readKconfig } from './definitions.ts';
export { configure, type ConfigureOptions } from './configure.ts';
export { make, type CcacheHelp } from './make.ts';
