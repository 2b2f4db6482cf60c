// What Compose means shows partly only when containers run: the rows of tools/traps/rows.ts, asked in three images and five boots, on the console of the OS.
//   npm run e2e:traps                  all rows
//   CONTAINER_OS_TRAPS=short           some rows, in one image and one boot
//   CONTAINER_OS_TRAPS=networks,life   the rows of these images
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from './files.ts';
import { atPrompt, shell } from './oci-images/console.ts';
import { booted } from './oci-images/guest.ts';
import { ociWorkspace, type OciWorkspace } from './oci-images/workspace.ts';
import { ROWS } from './traps/rows.ts';
import { shortStack } from './traps/short.ts';

const minute = 60_000;
const registry = process.env['TEST_REGISTRY'] ?? '';
const wanted = process.env['CONTAINER_OS_TRAPS'] ?? 'short';
const images = wanted === 'all' ? [...new Set(ROWS.map(({ image }) => image))] : wanted.split(',');
let workspace: OciWorkspace;

beforeAll(() => {
  expect(registry, 'start the test by npm run e2e:traps').not.toBe('');
  workspace = ociWorkspace((name) => `${registry}/${name.includes('/') ? name : `library/${name}`}`);
});
afterAll(() => workspace?.remove());

it.each(images)('the image %s: each row is right', { timeout: 30 * minute }, async (image) => {
  const rows = image === 'short' ? ROWS.filter(({ short, boot }) => short && boot === 1) : ROWS.filter((row) => row.image === image);
  const stack = image === 'short' ? join(workspace.cache, 'short') : join(root, 'tools/traps', image);
  if (image === 'short') shortStack(stack, rows);
  workspace.add(image, stack);
  const built = await workspace.nx(`${image}:iso`, { CI: '' });
  expect(built.exitCode, built.output).toBe(0);
  // What a later boot finds is what an earlier one has written.
  const last = Math.max(...rows.map(({ boot }) => boot));
  const lines: string[] = [];
  for (let boot = 1; boot <= last; boot++) {
    await booted(
      { iso: workspace.artifact(image, `${image}.iso`), disk: join(workspace.cache, `${image}.img`), ports: new Map(), limit: 10 * 60 },
      async (guest) => {
        await atPrompt(guest);
        await shell(guest, 'sleep 15');
        for (const row of rows.filter((one) => one.boot === boot)) {
          const said = await shell(guest, row.ask);
          const right = row.answer.test(said);
          lines.push(`${right ? '✔' : '✖'} ${row.row} ${row.right}${right ? '' : `: ${JSON.stringify(said)}`}`);
        }
        await guest.cut();
      },
    );
  }
  console.log(lines.join('\n'));
  expect(lines.filter((line) => line.startsWith('✖'))).toEqual([]);
});
