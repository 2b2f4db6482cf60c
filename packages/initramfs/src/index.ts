export { COMPRESSORS } from './compress.ts';
