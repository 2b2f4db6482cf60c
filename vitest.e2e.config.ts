import { defineConfig } from 'vitest/config';

// Whole parts, one file at a time: *.e2e.test.ts drive the real Nx in copies of the workspace, *.boot.test.ts
// boot QEMU with what demo-os built. Minutes, not seconds; half an hour where CONTAINER_OS_E2E=real compiles Linux.
const minute = 60_000;
const longest = process.env['CONTAINER_OS_E2E'] === 'real' ? 30 * minute : 5 * minute;

/** Those of `npm test`. It has 20 minutes for everything: what is added here takes its time from there. */
const short = ['tools/bad-input.e2e.test.ts'];
const all = ['tools/**/*.e2e.test.ts', 'packages/*/test/**/*.e2e.test.ts', 'packages/*/test/**/*.boot.test.ts'];

export default defineConfig({
  test: {
    testTimeout: longest,
    hookTimeout: longest,
    fileParallelism: false,
    projects: [
      { extends: true, test: { name: 'short', include: short } },
      { extends: true, test: { name: 'long', include: all, exclude: ['**/node_modules/**', ...short] } },
    ],
  },
});
