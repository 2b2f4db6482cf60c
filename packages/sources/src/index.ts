export { fetchAnswer, type Question } from './answer.ts';
export { isOffline, mirrorBases } from './environment.ts';
export { fetchFile, keepFile, requireStored, storeFile, storePath, type FetchContext } from './fetch.ts';
export { manifestSources, readOptionalReceipt, readReceipt, type Receipt } from './receipt.ts';
export { obtainOne } from './obtain.ts';
export { unpackDebs, unpackTree } from './unpack.ts';
export { programEntries } from './elf.ts';
export { runProgram } from './run-program.ts';
export type { HeadersOf } from './transfer.ts';
