export { parseFragment, type Setting } from './fragment.ts';
export { formatSetting, mergeConfig, mergeFragments, parseConfig } from './config.ts';
export { declaredSymbols, nearest } from './symbols.ts';
export { describeLost, findLost, type Lost } from './survival.ts';
export { readFragments } from './read.ts';
