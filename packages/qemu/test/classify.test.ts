import { describe, expect, it } from 'vitest';
import { classify } from '../src/verdict/classify.ts';
import { outcome, upTo } from './reports.ts';

const verdict = (...args: Parameters<typeof outcome>): string => {
  const failure = classify(outcome(...args));
  return failure ? `${failure.code}: ${failure.message}` : 'passed';
};

const FIRMWARE = "\u001b[2J\u001b[01;01HSeaBIOS (version 1.16.2)\r\n\u001b[H\u001b[J\u001b[1;1H  Booting `demo-os'\r\n\r\n";
const NO_MEDIUM =
  'early init: no medium with /boot/rootfs.squashfs after 30 s; found: no disk at all\r\n  no driver for the storage controller 1000:0060 at PCI 0000:00:04.0: needs CONFIG_MEGARAID_SAS\r\nThe machine reboots in 60 s, or when a key is pressed.\r\n';
const INIT_DIED = 'hello from init\nKernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n';

describe('the verdict on a boot', () => {
  it('is good when everything was reported and the machine went off', () => {
    expect(verdict()).toBe('passed');
  });

  it.each([
    [
      'QEMU that ends with an error',
      { end: 1, report: '', console: 'qemu-system-x86_64: cannot set up guest memory' },
      'QEMU_FAILED: QEMU ended with exit code 1',
    ],
    [
      'a boot loader that finds no kernel',
      { end: 'silence', report: '', console: `${FIRMWARE}error: file \`/boot/bzImage' not found.\r\n` },
      'NO_KERNEL_OUTPUT: nothing new for 60 s, and the kernel wrote nothing',
    ],
    [
      'a machine that switches off before the kernel',
      { report: '', console: FIRMWARE },
      'NO_KERNEL_OUTPUT: the machine went off after 7.3 s, and the kernel wrote nothing',
    ],
    [
      'a kernel without root',
      { end: 'panic', report: '', console: 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n' },
      'KERNEL_PANIC: VFS: Unable to mount root fs on unknown-block(0,0)',
    ],
    [
      'an early init that finds no medium',
      { end: 'panic', report: '', console: NO_MEDIUM },
      'INIT_FAILED: early init: no medium with /boot/rootfs.squashfs after 30 s; found: no disk at all',
    ],
    [
      'an early init that started the machine again',
      { report: '', console: NO_MEDIUM },
      'INIT_FAILED: early init: no medium with /boot/rootfs.squashfs after 30 s; found: no disk at all',
    ],
    ['PID 1 that ends', { end: 'panic', report: '', console: INIT_DIED }, 'INIT_FAILED: PID 1 ended: Attempted to kill init! exitcode=0x00000100'],
    [
      'a failed boot step',
      {
        report: `${upTo('20-cgroups')}{"event":"failed","uptime":2,"step":"20-cgroups","exitCode":3,"reason":"no cgroup2"}\n{"event":"poweroff","uptime":3}\n`,
      },
      'INIT_FAILED: boot step 20-cgroups failed with exit code 3: no cgroup2',
    ],
    [
      'an init that switches off early',
      { report: upTo('60-containers') },
      'INIT_FAILED: the machine went off after 7.3 s before its report was complete; the last report was {"event":"container","uptime":4.39,"name":"peer","status":"running","pid":291,"address":"10.22.0.3"}',
    ],
    [
      'a container that ran and failed',
      {
        report: `${upTo('"done"')}{"event":"container","uptime":5,"name":"demo","status":"failed","exitCode":1,"reason":"exited with code 1"}\n{"event":"done","uptime":5}\n{"event":"poweroff","uptime":6}\n`,
      },
      'CONTAINER_FAILED: container demo failed: exited with code 1 (exit code 1)',
    ],
    [
      'a hang',
      { end: 'silence', report: upTo('60-containers') },
      'BOOT_TIMEOUT: nothing new for 60 s; the last report was {"event":"container","uptime":4.39,"name":"peer","status":"running","pid":291,"address":"10.22.0.3"}',
    ],
    ['a hang before any report', { end: 'silence', report: '' }, 'BOOT_TIMEOUT: nothing new for 60 s; no report began'],
    [
      'a hang in the shutdown',
      { end: 'silence', report: upTo('poweroff') },
      'BOOT_TIMEOUT: nothing new for 60 s; the last report was {"event":"container","uptime":6.17,"name":"demo","status":"stopped","exitCode":0,"reason":"stopped by the host"}',
    ],
    [
      'a machine that goes off without a shutdown',
      { report: upTo('poweroff') },
      'ASSERTION_FAILED: the machine went off after 7.3 s without a clean shutdown; the last report was {"event":"container","uptime":6.17,"name":"demo","status":"stopped","exitCode":0,"reason":"stopped by the host"}',
    ],
  ] as const)('names %s', (_what, parts, expected) => {
    expect(verdict(parts)).toBe(expected);
  });

  it('is about how a container is when the tests begin: one that failed until another one answered, and was started again, has not failed', () => {
    const failed = '{"event":"container","uptime":5,"name":"demo","status":"failed","exitCode":1,"reason":"no database"}\n';
    const running = '{"event":"container","uptime":5,"name":"demo","status":"running"}\n';
    const after = '{"event":"tests","uptime":5}\n{"event":"done","uptime":5}\n{"event":"poweroff","uptime":6}\n';
    expect(verdict({ report: `${upTo('"done"')}${failed}${running}${after}` })).toBe('passed');
    expect(verdict({ report: `${upTo('"done"')}${failed}${running}${failed}${after}` })).toBe(
      'CONTAINER_FAILED: container demo failed: no database (exit code 1)',
    );
  });

  it('takes what the guest reported before what its console shows', () => {
    expect(verdict({ end: 'panic', console: INIT_DIED, report: '{"event":"failed","uptime":2,"step":"10-mounts","exitCode":1}\n' })).toBe(
      'INIT_FAILED: boot step 10-mounts failed with exit code 1',
    );
  });

  it('does not take a container that the shutdown stopped for a failed one', () => {
    const report = `${upTo('{"event":"container","uptime":6.17')}{"event":"container","uptime":6,"name":"demo","status":"failed","exitCode":143,"reason":"x"}\n{"event":"poweroff","uptime":6.3}\n`;
    expect(verdict({ report })).toBe('passed');
  });
});
