import { defineConfig } from 'vitest/config';

// Unit tests: real parts in temporary directories, in seconds. *.boot.test.ts boots QEMU, *.e2e.test.ts drives Nx.
export default defineConfig({
  test: {
    // A test that hangs, not a machine that is busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // vitest leaves one processor free, which is half of a small machine; many tests wait for others.
    maxWorkers: '100%',
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.boot.test.ts', '**/*.e2e.test.ts'],
  },
});
