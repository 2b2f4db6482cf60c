import { defineConfig } from 'vitest/config';

// Whole parts, one file at a time: *.e2e.test.ts drive the real Nx in copies of the workspace, *.boot.test.ts
// boot QEMU with what demo-os built. Minutes, not seconds.
export default defineConfig({
  test: {
    include: ['tools/**/*.e2e.test.ts', 'packages/*/test/**/*.boot.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
