/** json-merge-patch 1.0.2 has no types. */
declare module 'json-merge-patch' {
  const mergePatch: { apply(target: unknown, patch: unknown): unknown };
  export default mergePatch;
}
