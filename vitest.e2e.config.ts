import { defineConfig } from 'vitest/config';

// Whole parts, one file at a time: *.e2e.test.ts drive the real Nx in copies of the workspace, *.boot.test.ts
// boot QEMU with what demo-os built. Minutes, not seconds; half an hour where CONTAINER_OS_E2E=real compiles Linux.
const minute = 60_000;
const longest = process.env['CONTAINER_OS_E2E'] === 'real' ? 30 * minute : 5 * minute;
export default defineConfig({
  test: {
    include: ['tools/**/*.e2e.test.ts', 'packages/*/test/**/*.e2e.test.ts', 'packages/*/test/**/*.boot.test.ts'],
    testTimeout: longest,
    hookTimeout: longest,
    fileParallelism: false,
  },
});
