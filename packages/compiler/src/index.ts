export { prepareCompiler, type Compiler } from './compiler.ts';
export { prepareDistcc } from './distcc.ts';
export { MUSL_SPECS, muslFlags } from './musl.ts';
