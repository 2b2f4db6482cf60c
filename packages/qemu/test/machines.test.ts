import { resolveOptions } from '@container-os/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineArgv } from '../src/qemu-machines/argv.ts';
import { assertConsole, bootElsewhere } from '../src/qemu-machines/elsewhere.ts';
import { pairwise } from '../src/qemu-machines/pairwise.ts';
import { planMachines } from '../src/qemu-machines/plan.ts';
import schema from '../src/qemu-machines/schema.json' with { type: 'json' };
import type { MachinesOptions } from '../src/qemu-machines/schema.d.ts';
import { candidates, impossible, machineTable, pairsOf, type MachineRow } from '../src/qemu-machines/table.ts';
import { judgeMachine, judgePrinted } from '../src/qemu-machines/verdict.ts';
import { outcome, upTo } from './reports.ts';

const plan = (options: Partial<MachinesOptions>): ReturnType<typeof planMachines> => planMachines(resolveOptions(schema, options));

const TABLE = machineTable();
const machine = (changes: Partial<MachineRow>): MachineRow => ({
  name: 'one',
  type: 'pc',
  firmware: 'bios',
  controller: 'ide',
  form: 'cd',
  network: 'e1000',
  disk: 'none',
  cpus: 1,
  memory: 256,
  ...changes,
});

describe('pairs', () => {
  it('of all candidates are covered, and each added candidate has a pair that no earlier one has', () => {
    const candidate = fc.record({ a: fc.nat(3), b: fc.nat(3), c: fc.nat(2) });
    const pairs = ({ a, b, c }: { a: number; b: number; c: number }): string[] => [`a${a} b${b}`, `a${a} c${c}`, `b${b} c${c}`];
    fc.assert(
      fc.property(fc.array(candidate), fc.array(candidate), (all, chosen) => {
        const added = pairwise(all, pairs, chosen);
        const seen = new Set(chosen.flatMap(pairs));
        for (const one of added) {
          expect(pairs(one).some((pair) => !seen.has(pair))).toBe(true);
          for (const pair of pairs(one)) seen.add(pair);
        }
        expect(all.flatMap(pairs).filter((pair) => !seen.has(pair))).toEqual([]);
      }),
    );
  });

  it('are few: a table of three choices of four each needs no more than the square and a quarter', () => {
    const four = [0, 1, 2, 3];
    const all = four.flatMap((a) => four.flatMap((b) => four.map((c) => [`a${a} b${b}`, `a${a} c${c}`, `b${b} c${c}`])));
    expect(pairwise(all, (pairs) => pairs).length).toBeLessThanOrEqual(20);
  });
});

describe('the table of machines', () => {
  it('has at most 60 machines, the printed command among them, with unique names that are file names', () => {
    expect(TABLE.length + 1).toBeLessThanOrEqual(60);
    expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
    expect(TABLE.filter(({ name }) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });

  it('is the same each time', () => {
    expect(machineTable()).toEqual(TABLE);
  });

  it('has every possible pair of choices on a machine that must boot', () => {
    const there = new Set(TABLE.filter(({ fails }) => !fails).flatMap(pairsOf));
    expect([...new Set(candidates().flatMap(pairsOf))].filter((pair) => !there.has(pair))).toEqual([]);
  });

  it('has no impossible machine, and gives the reason', () => {
    expect(TABLE.filter((row) => !row.fails && impossible(row) !== undefined)).toEqual([]);
    expect(impossible(machine({ type: 'q35' }))).toBe('a q35 has no IDE controller: its CD drives are on AHCI');
    expect(impossible(machine({ controller: 'nvme' }))).toBe('nvme has no CD drives');
    expect(impossible(machine({ controller: 'ohci', form: 'disk', firmware: 'uefi' }))).toBe('OVMF has no driver for ohci');
    expect(impossible(machine({}))).toBeUndefined();
  });

  it('returns the machines that "only" names, and refuses an unknown name', () => {
    const { machines, printed } = plan({ only: ['usb-stick', 'printed-command'] });
    expect([machines.map(({ name }) => name), printed]).toEqual([['usb-stick'], true]);
    expect(plan({ only: ['vmware'] }).printed).toBe(false);
    expect(plan({})).toMatchObject({ machines: TABLE, printed: true });
    expect(() => plan({ only: ['laptop'] })).toThrow('"only" names unknown machines: laptop');
  });
});

describe("a machine's command line", () => {
  const files = { iso: '/d/my-os.iso', disk: '/s/one.disk' };
  const io = { report: '/l/one.report.jsonl', server: '/s/one.server', pidFile: '/s/one.pid', forward: [] };
  /** Flag and value on one line. */
  const lines = (changes: Partial<MachineRow>): string[] =>
    machineArgv(machine(changes), 'tcg', files, io)
      .join(' ')
      .split(/ (?=-)/);
  const storage = (changes: Partial<MachineRow>): string[] => lines(changes).filter((line) => /drive=|id=(?!medium|data|uplink|report)/.test(line));

  it("is QEMU's default machine of the type, the devices of the row, and the port of the report", () => {
    expect(lines({ firmware: 'uefi', disk: 'same', cpus: 2, extra: ['-vga', 'vmware'] })).toMatchInlineSnapshot(`
      [
        "qemu-system-x86_64",
        "-machine pc,accel=tcg",
        "-m 256",
        "-smp 2",
        "-no-user-config",
        "-no-reboot",
        "-display none",
        "-monitor none",
        "-serial stdio",
        "-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd",
        "-drive if=none,id=medium,format=raw,media=cdrom,readonly=on,file=/d/my-os.iso",
        "-drive if=none,id=data,format=raw,file=/s/one.disk",
        "-device ide-cd,drive=medium,bootindex=0",
        "-device ide-hd,drive=data",
        "-netdev user,id=uplink,guestfwd=tcp:10.0.2.100:80-cmd:/bin/sh '/s/one.server'",
        "-device e1000,netdev=uplink",
        "-vga vmware",
        "-device virtio-serial-pci",
        "-chardev file,id=report,path=/l/one.report.jsonl",
        "-device virtserialport,chardev=report,name=org.container-os.report",
        "-pidfile /s/one.pid",
      ]
    `);
  });

  it.each([
    ['ahci', 'cd', 'pc', ['-device ich9-ahci,id=ahci', '-device ide-cd,drive=medium,bootindex=0,bus=ahci.0', '-device ide-hd,drive=data,bus=ahci.1']],
    ['ahci', 'cd', 'q35', ['-device ide-cd,drive=medium,bootindex=0', '-device ide-hd,drive=data']],
    ['virtio-blk', 'disk', 'pc', ['-device virtio-blk-pci,drive=medium,bootindex=0', '-device virtio-blk-pci,drive=data']],
    ['lsi', 'cd', 'pc', ['-device lsi53c895a,id=lsi', '-device scsi-cd,drive=medium,bootindex=0,bus=lsi.0', '-device scsi-hd,drive=data,bus=lsi.0']],
    [
      'ehci',
      'disk',
      'q35',
      ['-device usb-ehci,id=ehci', '-device usb-storage,drive=medium,bootindex=0,bus=ehci.0', '-device usb-storage,drive=data,bus=ehci.0'],
    ],
    ['nvme', 'disk', 'q35', ['-device nvme,drive=medium,serial=0,bootindex=0', '-device nvme,drive=data,serial=1']],
    [
      'mptsas',
      'cd',
      'pc',
      [
        '-device mptsas1068,id=mptsas',
        '-device scsi-cd,drive=medium,wwn=0x5000c50000000000,bootindex=0,bus=mptsas.0',
        '-device scsi-hd,drive=data,wwn=0x5000c50000000001,bus=mptsas.0',
      ],
    ],
  ] as const)('has the ISO and a disk on %s, as %s of a %s', (controller, form, type, devices) => {
    expect(storage({ controller, form, type, disk: 'same' })).toEqual(devices);
  });

  it('has a disk on another controller', () => {
    expect(storage({ disk: 'pvscsi' })).toEqual([
      '-device ide-cd,drive=medium,bootindex=0',
      '-device pvscsi,id=pvscsi',
      '-device scsi-hd,drive=data,bus=pvscsi.0',
    ]);
  });

  it('has no card where there is no network', () => {
    expect(lines({ network: 'none' })).toContain('-nic none');
    expect(lines({ network: 'none' }).join()).not.toContain('e1000');
  });
});

describe('the verdict on a machine', () => {
  const report = `${upTo('"done"')}{"event":"fact","uptime":5,"name":"processors","value":1}\n{"event":"fact","uptime":5,"name":"data","status":"ok","reason":"/dev/sda, 0%"}\n{"event":"tests","uptime":5}\n`;
  const seen = outcome({ end: 'cut', report });
  const judge = (changes: Partial<MachineRow>, what = seen): string[] => {
    const { failure, assertions } = judgeMachine(machine(changes), ['demo', 'peer'], what);
    return failure ? [failure.code, ...assertions.flatMap(({ name, found }) => (found === undefined ? [] : [`${name}: ${found}`]))] : [];
  };

  it('is good if everything is found', () => {
    expect(judge({ disk: 'same' })).toEqual([]);
    expect(judgeMachine(machine({ disk: 'same' }), ['demo', 'peer'], seen).assertions).toHaveLength(6);
  });

  it('names what is not found', () => {
    expect(judge({ cpus: 8 })).toEqual(['ASSERTION_FAILED', 'the guest has 8 processors: 1']);
    expect(judge({}, outcome({ end: 'cut', report, requests: [] }))).toEqual([
      'ASSERTION_FAILED',
      'a container reaches the host, and the host saw that: 0 requests',
    ]);
    expect(judge({ network: 'none' }, outcome({ end: 'cut', report, requests: [] }))).toEqual([]);
    expect(
      judge(
        { disk: 'same' },
        outcome({ end: 'cut', report: report.replace('"status":"ok","reason":"/dev/sda, 0%"', '"status":"missing","reason":"no data disk"') }),
      ),
    ).toEqual(['ASSERTION_FAILED', 'the data disk is found: missing: no data disk']);
  });

  it('names a failed container, unless it lacks a volume on a machine without a data disk', () => {
    const failed = `{"event":"container","uptime":4,"name":"peer","status":"failed","exitCode":1,"reason":"did not start: volume peer: no data disk"}\n`;
    const without = outcome({ end: 'cut', report: report.replace(/^.*"name":"peer".*\n/m, failed) });
    expect(judge({}, without)).toEqual([]);
    expect(judge({ disk: 'same' }, without)[0]).toBe('CONTAINER_FAILED');
  });

  it('is good if a container that failed runs again', () => {
    const slow = (reason: string): string => `{"event":"container","uptime":0.9,"name":"peer","status":"failed","exitCode":143,"reason":"${reason}"}\n`;
    const after = (reason: string): unknown => judge({ disk: 'same' }, outcome({ end: 'cut', report: slow(reason) + report }))[0];
    expect(after('did not start: it took too long')).toBeUndefined();
    const never = report.replace(/^.*"name":"peer".*\n/m, slow('did not start: it took too long'));
    expect(judge({ disk: 'same' }, outcome({ end: 'cut', report: never }))[0]).toBe('CONTAINER_FAILED');
  });

  it('is the code of the failure if the boot did not get that far', () => {
    expect(judge({}, outcome({ end: 'panic', report: '', console: 'Kernel panic - not syncing: no disk at all\n' }))).toEqual(['KERNEL_PANIC']);
    expect(judge({}, outcome({ end: 'silence', report: upTo('60-containers') }))).toEqual(['BOOT_TIMEOUT']);
  });

  it('is good for a machine that must not boot if it fails as expected', () => {
    const silent = outcome({ end: 'silence', report: '', console: 'BdsDxe: starting Boot0001\n' });
    expect(judge({ fails: { code: 'NO_KERNEL_OUTPUT', says: 'BdsDxe' } }, silent)).toEqual([]);
    expect(judge({ fails: { code: 'KERNEL_PANIC', says: 'no memory' } }, silent)).toEqual([
      'ASSERTION_FAILED',
      'it fails with KERNEL_PANIC: NO_KERNEL_OUTPUT: nothing new for 60 s, and the kernel wrote nothing',
      'the console says "no memory": BdsDxe: starting Boot0001',
    ]);
    expect(judge({ fails: { code: 'KERNEL_PANIC', says: 'Linux' } })).toEqual(['ASSERTION_FAILED', 'it fails with KERNEL_PANIC: it boots']);
  });
});

describe('the printed command', () => {
  it('has a relative path, and nothing of ours', () => {
    expect(bootElsewhere('dist/os-images/my-os/my-os.iso')).toBe('qemu-system-x86_64 -m 512 -nographic -cdrom dist/os-images/my-os/my-os.iso');
  });

  it('is judged by the message of the day', () => {
    const motd = [
      '  web              running  10.22.0.2       Hello',
      '  counter          restarting                 did not start: volume counter: no data disk',
      '  uplink           10.0.2.15/24',
    ];
    const noDisk = '  data disk        missing  no data disk (label containeros-data)';
    const fault = (lines: string[]): unknown[] => assertConsole(lines, ['web', 'counter']).flatMap(({ found }) => found ?? []);
    expect(fault([...motd, noDisk])).toEqual([]);
    // Seen on a busy machine: between two attempts, and in the midst of one.
    for (const status of ['restarting', 'starting']) expect(fault([...motd.with(1, `  counter          ${status}`), noDisk])).toEqual([]);
    expect(fault(motd)).toEqual(['counter          restarting                 did not start: volume counter: no data disk']);
    expect(fault([...motd.with(0, '  web              failed                   exited with code 1'), noDisk])).toEqual([
      'web              failed                   exited with code 1',
    ]);
    const bad = ['  web              failed                   exited with code 1', '  uplink           no address yet'];
    expect(assertConsole(bad, ['web', 'counter']).map(({ found }) => found)).toEqual([
      'web              failed                   exited with code 1',
      'nothing reported',
      'uplink           no address yet',
    ]);
  });

  it('fails with a code, like every boot', () => {
    expect(
      judgePrinted('printed-command', ['web'], outcome({ end: 'panic', report: '', console: 'Kernel panic - not syncing: no disk at all\n' })).failure?.code,
    ).toBe('KERNEL_PANIC');
  });
});
