import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatComparisons, observeStandIns } from './observed-reads/run.ts';
import { trace } from './observed-reads/trace.ts';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'observed-reads-test-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

it('a trace has what children read, in whatever directory they are, and nothing of before and after', async () => {
  mkdirSync(join(base, 'directory'));
  for (const name of ['before', 'directory/inside', 'after']) writeFileSync(join(base, name), name);
  const script = 'cat before; test -e /marks/begin; cd directory; (cat inside; cat nothing); test -e /marks/end; cat ../after';
  const { uses, users } = await trace(['sh', '-c', script], { cwd: base, log: join(base, 'log'), begin: '/marks/begin', end: '/marks/end' });
  expect(uses.get(join(base, 'directory/inside'))).toEqual(new Set(['read']));
  expect(uses.get(join(base, 'directory/nothing'))).toEqual(new Set(['missing']));
  expect([...users].find(([, paths]) => paths.has(join(base, 'directory/inside')))?.[0]).toMatch(/\/cat$/);
  for (const name of ['before', 'after']) expect(uses.has(join(base, name)), name).toBe(false);
});

it('every target of demo-os reads what its hash holds, and nothing else', async () => {
  const comparisons = await observeStandIns([]);
  expect(comparisons.map(({ target }) => target)).toContain('iso');
  const wrong = comparisons.filter(({ undeclared, failed }) => undeclared.length > 0 || failed !== undefined);
  expect(wrong, formatComparisons(comparisons, { unused: false })).toEqual([]);
  // What a module names by its URL and another target reads is a miss for nothing. Files of a base are data: an option may name one or a defconfig.
  const isCode = (path: string): boolean => path.startsWith('packages/') && !path.startsWith('packages/image/bases/');
  const needless = comparisons.flatMap(({ target, unused }) => unused.filter(isCode).map((path) => `${target}: ${path}`));
  expect(needless).toEqual([]);
}, 900_000);

it('a rustc that a build runs, and a file in HOME that it reads, are named', async () => {
  const rustc = join(base, 'rustc');
  const file = join(homedir(), `.observed-reads-${process.pid}`);
  writeFileSync(rustc, '#!/bin/sh\necho rustc 1.80.0\n', { mode: 0o755 });
  writeFileSync(file, '');
  try {
    const asks = `  await run(['sh', '-c', '${rustc} --version; cat ${file}']);\n`;
    const executor = 'packages/kernel/src/kernel-config/executor.ts';
    const [sources, config] = await observeStandIns(['sources', 'kernel-config'], ({ edit }) =>
      edit(executor, (text) => `import { run } from '@container-os/core';\n${text.replace(/async function configureKernel[^\n]*\n/, (line) => line + asks)}`),
    );
    expect(sources?.undeclared).toEqual([]);
    expect(config?.failed).toBeUndefined();
    expect(config?.undeclared.map(({ path }) => path).sort()).toEqual([file, rustc].sort());
  } finally {
    rmSync(file);
  }
});
