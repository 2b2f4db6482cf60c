export { manifestSources, readOptionalReceipt, readReceipt, type Receipt } from './receipt.ts';
export { obtainOne } from './obtain.ts';
export { unpackDebs, unpackTree } from './unpack.ts';
export { programEntries } from './elf.ts';
export { runProgram } from './run-program.ts';
