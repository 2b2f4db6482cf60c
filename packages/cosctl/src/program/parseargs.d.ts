/** Node's own util.parseArgs for where there is no Node; it comes without types. */
declare module '@pkgjs/parseargs' {
  export const parseArgs: typeof import('node:util').parseArgs;
}
