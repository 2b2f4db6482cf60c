/** Node's util.parseArgs as a package, for QuickJS; the package has no types. */
declare module '@pkgjs/parseargs' {
  export const parseArgs: typeof import('node:util').parseArgs;
}
