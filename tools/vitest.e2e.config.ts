import { defineConfig } from 'vitest/config';

// Drives the real nx, in copies of the workspace.
export default defineConfig({
  test: {
    include: ['tools/**/*.e2e.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
