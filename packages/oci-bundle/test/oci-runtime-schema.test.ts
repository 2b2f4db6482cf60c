import { sha256File } from '@container-os/core';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the vendored schema is the one that its README names, byte for byte', async () => {
  const directory = join(import.meta.dirname, '../src/oci-runtime-schema');
  const files = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const rows = await Promise.all(files.map(async (file) => `| ${file} | ${await sha256File(join(directory, file))} |`));
  expect(await readFile(join(directory, 'README.md'), 'utf8')).toContain(`| --- | --- |\n${rows.join('\n')}\n`);
});
