export { manifestSources, readOptionalReceipt, readReceipt, type Channel, type Receipt, type SourceFile } from './receipt.ts';
export { obtain, obtainOne } from './obtain.ts';
export { unpackDebs, unpackTree } from './unpack.ts';
export { programEntries } from './elf.ts';
export { runProgram } from './run-program.ts';
