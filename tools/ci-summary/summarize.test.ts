import { expect, test } from 'vitest';
import { summarize, type NxTask } from './summarize.ts';

const nothing = { tasks: [], artifacts: [], boots: [], consoles: [] };

function task(taskId: string, cacheStatus: string, status = 0): NxTask {
  return { taskId, cacheStatus, status, startTime: '2025-01-01T00:00:00.000Z', endTime: '2025-01-01T00:01:02.340Z' };
}

test('tasks stand with their time, whether a cache had them, and how they ended', () => {
  const tasks = [task('demo-os:kernel', 'remote-cache-hit'), task('demo-os:iso', 'cache-miss'), task('demo-os:qemu-test', 'cache-miss', 1)];
  expect(summarize({ ...nothing, tasks })).toMatchInlineSnapshot(`
    "## 3 targets, 1 from the cache

    | target | cache | time | result |
    | --- | --- | --- | --- |
    | demo-os:kernel | remote hit | 62.3 s | ✅ |
    | demo-os:iso | miss | 62.3 s | ✅ |
    | demo-os:qemu-test | miss | 62.3 s | ❌ exit code 1 |"
  `);
});

test('boots stand with what failed, sizes and the end of each console', () => {
  const failed = { name: 'container web runs', found: 'it is <stopped> | gone' };
  const boots = [
    {
      target: 'demo-os:qemu-test',
      boot: 'direct',
      seconds: 12.34,
      init: 1.6,
      failure: { code: 'ASSERTION_FAILED' as const, message: '1 of 2' },
      assertions: [failed, { name: 'process httpd runs' }],
    },
    { target: 'demo-os:qemu-test', boot: 'iso-bios', seconds: 9, failure: { code: 'KERNEL_PANIC' as const, message: 'no init' }, assertions: [] },
  ];
  const artifacts = [{ file: 'demo-os/demo-os.iso', size: '20.1 MiB' }];
  expect(summarize({ ...nothing, boots, artifacts, consoles: [{ name: 'direct.console.log', text: 'one\r\n\r\n\u001b[1mtwo\u001b[0m\n' }] }))
    .toMatchInlineSnapshot(`
    "## Nothing to build

    ### Boots

    | target | boot | passed | failed | first process | whole |
    | --- | --- | --- | --- | --- | --- |
    | demo-os:qemu-test | direct | 1 | ❌ 1 | 1.6 s | 12.3 s |
    | demo-os:qemu-test | iso-bios | 0 | ❌ KERNEL_PANIC |  | 9.0 s |

    - ❌ demo-os:qemu-test direct: container web runs: it is &lt;stopped&gt; \\| gone

    - ❌ demo-os:qemu-test iso-bios: no init

    ### Sizes

    | artifact | size |
    | --- | --- |
    | demo-os/demo-os.iso | 20.1 MiB |

    <details><summary>end of direct.console.log</summary>

    <pre>one
    two</pre>
    </details>"
  `);
});

test('a console cannot leave its block, and only its end is shown', () => {
  const text = `${Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n')}\n\n</pre><img src=x>\n`;
  const summary = summarize({ ...nothing, consoles: [{ name: 'console', text }] });
  expect(summary).not.toContain('line 10\n');
  expect(summary).toContain('line 49\n&lt;/pre&gt;&lt;img src=x&gt;</pre>');
});

test('a change that affects no image says so', () => {
  expect(summarize(nothing)).toBe('## Nothing to build');
});
