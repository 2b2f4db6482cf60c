import { describe, expect, it } from 'vitest';
import { planRuntime } from '../src/plan.ts';

const image = { image: 'demo-os' };

describe('the plan', () => {
  it('names the host after the image and offers no shell, unless told', () => {
    expect(planRuntime({}, image)).toEqual({ hostname: 'demo-os', runtime: 'runc', image: 'demo-os', networks: [], motd: null, dataDisk: 'use', inittab: [] });
  });

  it('puts a shell on the console when asked to', () => {
    expect(planRuntime({ consoleShell: true }, image).inittab).toEqual(['::respawn:/usr/lib/container-os/console - yes']);
    expect(planRuntime({ consoleContainer: 'shell' }, image).inittab).toEqual(['::respawn:/usr/lib/container-os/console shell no']);
  });

  it('orders networks by their file names, wherever the files are', () => {
    const networks = ['z/10-first.conflist', 'a/20-second.conflist', '05-zeroth.conflist'];
    expect(planRuntime({ networks }, image).networks).toEqual(['05-zeroth.conflist', 'z/10-first.conflist', 'a/20-second.conflist']);
  });

  it.each(['', '-demo', 'demo_os', 'demo os', 'a.b', 'x'.repeat(64)])('refuses the host name %j', (hostname) => {
    expect(() => planRuntime({ hostname }, image)).toThrow(expect.objectContaining({ code: 'HOSTNAME_INVALID' }));
  });

  it('refuses a network file that is no list, and two that would have one place', () => {
    expect(() => planRuntime({ networks: ['10-cni0.conf'] }, image)).toThrow(/10-cni0\.conf: a network list is a \.conflist file/);
    expect(() => planRuntime({ networks: ['a/n.conflist', 'b/n.conflist'] }, image)).toThrow('a/n.conflist and b/n.conflist would both be /etc/cni/net.d/n.conflist');
  });
});
