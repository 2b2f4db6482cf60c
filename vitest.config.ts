import { defineConfig } from 'vitest/config';

// Unit tests: real parts in temporary directories, in seconds. *.boot.test.ts boots QEMU, *.e2e.test.ts drives Nx.
export default defineConfig({
  test: {
    // vitest would leave one processor idle.
    maxWorkers: '100%',
    // A test that hangs, not a machine that is busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.boot.test.ts', '**/*.e2e.test.ts'],
  },
});
