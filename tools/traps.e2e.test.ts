// What Compose means shows partly only when containers run: the rows of tools/traps/rows.ts, asked in three images and five boots, on the console of the OS.
//   npm run e2e:traps                  all rows
//   CONTAINER_OS_TRAPS=short           some rows of each image, without the boots after a power cut
//   CONTAINER_OS_TRAPS=networks,life   the rows of these images
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from './files.ts';
import { booted, eventually, type Guest } from './oci-images/guest.ts';
import { ociWorkspace, type OciWorkspace } from './oci-images/workspace.ts';
import { ROWS, type Row } from './traps/rows.ts';

const minute = 60_000;
const registry = process.env['TEST_REGISTRY'] ?? '';
const wanted = process.env['CONTAINER_OS_TRAPS'] ?? 'short';
const images = wanted === 'all' || wanted === 'short' ? [...new Set(ROWS.map(({ image }) => image))] : (wanted.split(',') as Row['image'][]);
let workspace: OciWorkspace;

beforeAll(() => {
  expect(registry, 'start the test by npm run e2e:traps').not.toBe('');
  workspace = ociWorkspace((name) => `${registry}/${name.includes('/') ? name : `library/${name}`}`);
});
afterAll(() => workspace?.remove());

it.each(images)('the image %s: each row is right', { timeout: 30 * minute }, async (image) => {
  workspace.add(image, join(root, 'tools/traps', image));
  const built = await workspace.nx(`${image}:iso`, { CI: '' });
  expect(built.exitCode, built.output).toBe(0);
  const rows = ROWS.filter((row) => row.image === image && (wanted !== 'short' || row.short));
  // What a later boot finds is what an earlier one has written.
  const last = Math.max(...rows.map(({ boot }) => boot));
  const lines: string[] = [];
  for (let boot = 1; boot <= last; boot++) {
    await booted(
      { iso: workspace.artifact(image, `${image}.iso`), disk: join(workspace.cache, `${image}.img`), ports: new Map(), limit: 10 * 60 },
      async (guest) => {
        // What is typed before is lost.
        await eventually(() => (guest.said().includes('~ # ') ? Promise.resolve() : Promise.reject(new Error('no prompt'))));
        await console(
          guest,
          'wait_until() { while ! "$@"; do sleep 1; done; }; none() { ! grep -qx starting /run/container-os/containers/*/status; }; wait_until none; sleep 15',
        );
        for (const row of ROWS.filter((one) => one.image === image && one.boot === boot && (rows.includes(one) || boot < last))) {
          const said = await console(guest, row.ask);
          const right = row.answer.test(said);
          lines.push(`${right ? '✔' : '✖'} ${row.row} ${row.right}${right ? '' : `: ${JSON.stringify(said)}`}`);
        }
        await guest.cut();
      },
    );
  }
  globalThis.console.log(lines.join('\n'));
  expect(lines.filter((line) => line.startsWith('✖'))).toEqual([]);
});

let asked = 0;

/** What a command on the console of the OS prints. */
async function console(guest: Guest, command: string): Promise<string> {
  asked++;
  // The echo of what is typed has the marks in two parts.
  guest.type(`{ ${command}; } >/tmp/said 2>&1; printf '<%s>\\n' ${asked}; cat /tmp/said; printf '</%s>\\n' ${asked}`);
  const answer = new RegExp(`<${asked}>\\r?\\n([^]*?)</${asked}>`);
  await eventually(() => (answer.test(guest.said()) ? Promise.resolve() : Promise.reject(new Error(`no answer to ${command}`))));
  await setTimeout(100);
  return (answer.exec(guest.said())?.[1] ?? '').replaceAll('\r', '').trim();
}
