import { defineConfig } from 'vitest/config';

// Unit tests: real parts in temporary directories, in seconds. *.boot.test.ts boots QEMU, *.e2e.test.ts drives Nx.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.boot.test.ts', '**/*.e2e.test.ts'],
  },
});
