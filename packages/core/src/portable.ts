/** The part of core that needs no Node: cosctl's program has it, in QuickJS. */
export { columns } from './columns.ts';
export { BuildError, formatError } from './errors.ts';
export { shellQuote } from './shell-quote.ts';
