export { ComposeError, formatPlace } from './errors.ts';
export type { ListNode, MapEntry, MapNode, Node, Place, ScalarNode, ScalarValue } from './yaml/node.ts';
export { TimestampValue } from './yaml/node.ts';
export { parseYaml } from './yaml/parse.ts';
export { interpolate, type Lookup, type Warn } from './interpolate/interpolate.ts';
export { interpolateTree } from './interpolate/tree.ts';
export type { EnvEntry } from './env-file/entry.ts';
export { parseEnvFile, type EnvFileOptions } from './env-file/parse.ts';
