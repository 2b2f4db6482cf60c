import { defineConfig } from 'vitest/config';

// Tests that boot QEMU, one at a time: two would measure each other. Run with --root of the repository.
export default defineConfig({ test: { include: ['packages/*/test/**/*.boot.test.ts'], fileParallelism: false } });
