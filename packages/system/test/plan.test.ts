import { resolveOptions } from '@container-os/core/testing';
import { describe, expect, it } from 'vitest';
import { planRuntime, type RuntimePlan } from '../src/plan.ts';
import type { SystemOptions } from '../src/schema.d.ts';
import schema from '../src/schema.json' with { type: 'json' };

const plan = (options: Partial<SystemOptions>): RuntimePlan => planRuntime(resolveOptions(schema, options), { image: 'demo-os' });

describe('the plan', () => {
  it('names the host after the image and offers no shell, unless told', () => {
    expect(plan({})).toEqual({ hostname: 'demo-os', ociRuntime: 'runc', image: 'demo-os', networks: [], motd: null, dataDisk: 'use', uplink: '', inittab: [] });
  });

  it.each([
    ['my_shop', 'my-shop'],
    ['a_', 'a'],
    [`${'x'.repeat(62)}_y`, 'x'.repeat(62)],
  ])('names the host of %s as a host can be called', (image, hostname) => {
    expect(planRuntime(resolveOptions(schema, {}), { image }).hostname).toBe(hostname);
  });

  it('puts a shell on the console when asked to', () => {
    expect(plan({ consoleShell: true }).inittab).toEqual(['::respawn:/usr/lib/container-os/console - yes']);
    expect(plan({ consoleContainer: 'shell' }).inittab).toEqual(['::respawn:/usr/lib/container-os/console shell no']);
  });

  it('orders networks by their file names, wherever the files are', () => {
    const networks = ['z/10-first.conflist', 'a/20-second.conflist', '05-zeroth.conflist'];
    const list = { file: '15-own.conflist', list: { name: 'own' } };
    expect(plan({ networks: [...networks, list] }).networks).toEqual([
      { file: '05-zeroth.conflist' },
      { file: 'z/10-first.conflist' },
      { file: '15-own.conflist', text: '{\n  "name": "own"\n}\n' },
      { file: 'a/20-second.conflist' },
    ]);
  });

  it.each(['', '-demo', 'demo_os', 'demo os', 'a.b', 'x'.repeat(64)])('refuses the host name %j', (hostname) => {
    expect(() => plan({ hostname })).toThrow(expect.objectContaining({ code: 'HOSTNAME_INVALID' }));
  });

  it('refuses a network file that is no list, and two that would have one place', () => {
    expect(() => plan({ networks: ['10-cni0.conf'] })).toThrow(/10-cni0\.conf: expected a network list \(\*\.conflist\)/);
    expect(() => plan({ networks: ['a/n.conflist', 'b/n.conflist'] })).toThrow('a/n.conflist and b/n.conflist would both be /etc/cni/net.d/n.conflist');
  });
});
