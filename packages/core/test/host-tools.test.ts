import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { requireHostTools } from '../src/index.ts';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'core-tools-'));
  vi.stubEnv('PATH', `/no/such/directory:${bin}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

function program(name: string, mode = 0o755): void {
  writeFileSync(join(bin, name), '#!/bin/sh\n');
  chmodSync(join(bin, name), mode);
}

it('passes when every program is on PATH and every file is there', async () => {
  program('bison');
  await requireHostTools({ bison: 'bison', [join(bin, 'bison')]: 'bison' }, 'kernel');
});

it('names all that is missing, who needs it, and the packages to install, each once', async () => {
  program('bison');
  await expect(requireHostTools({ bison: 'bison', mcopy: 'mtools', mformat: 'mtools', '/usr/include/no-gelf.h': 'libelf-dev' }, 'iso')).rejects.toMatchObject({
    code: 'HOST_TOOL_MISSING',
    message: '"mcopy", "mformat", "/usr/include/no-gelf.h" not found (iso needs them)',
    hint: 'Run npm run bootstrap, or: apt-get install libelf-dev mtools',
  });
});

it('says "it" of one missing tool', async () => {
  await expect(requireHostTools({ flex: 'flex' }, 'kernel')).rejects.toThrow('"flex" not found (kernel needs it)');
});

it('a file without the execute bit is no program', async () => {
  program('flex', 0o644);
  await expect(requireHostTools({ flex: 'flex' }, 'kernel')).rejects.toThrow('"flex" not found');
});
