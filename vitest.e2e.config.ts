import { defineConfig } from 'vitest/config';

// Whole parts: *.e2e.test.ts drive the real Nx in copies of the workspace, *.boot.test.ts boot QEMU with what demo-os built.
// Minutes, not seconds; half an hour where CONTAINER_OS_E2E=real compiles Linux.
const minute = 60_000;
const longest = process.env['CONTAINER_OS_E2E'] === 'real' ? 30 * minute : 5 * minute;

/** Those of `npm test`. It has 20 minutes for everything: what is added here takes its time from there. */
const short = ['tools/bad-input.e2e.test.ts', 'tools/stale-hits.e2e.test.ts'];

/** Those that need a registry: tools/oci-images/registry.sh starts it. */
const oci = ['tools/oci-images.e2e.test.ts', 'tools/stacks.e2e.test.ts', 'packages/oci-image/test/**/*.e2e.test.ts'];

/** Those that need it too, and have a script of their own. */
const traps = ['tools/traps.e2e.test.ts', 'tools/disk.e2e.test.ts'];

/** What strangers do with our packages, in workspaces and on hosts of their own: npm run e2e:foreign. */
const foreign = ['tools/{foreign,generators,hosts,prebuilt}.e2e.test.ts'];

export default defineConfig({
  test: {
    testTimeout: longest,
    hookTimeout: longest,
    projects: [
      // Each file has a workspace of its own, and nx mostly keeps one processor busy.
      { extends: true, test: { name: 'short', include: short, maxWorkers: 2 } },
      {
        extends: true,
        test: { name: 'nx', include: ['tools/**/*.e2e.test.ts'], exclude: ['**/node_modules/**', ...short, ...oci, ...traps, ...foreign], maxWorkers: 2 },
      },
      // A guest keeps one processor busy.
      { extends: true, test: { name: 'boot', include: ['packages/*/test/**/*.boot.test.ts'], maxWorkers: 2 } },
      // Servers that are given so many seconds get the machine to themselves.
      {
        extends: true,
        test: { name: 'alone', include: ['packages/*/test/**/*.e2e.test.ts'], exclude: ['**/node_modules/**', ...oci], fileParallelism: false },
      },
      { extends: true, test: { name: 'oci', include: oci, fileParallelism: false } },
      { extends: true, test: { name: 'traps', include: traps } },
      { extends: true, test: { name: 'foreign', include: foreign, maxWorkers: 2 } },
    ],
  },
});
