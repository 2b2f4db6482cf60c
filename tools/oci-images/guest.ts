import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A machine that boots an ISO with a data disk. */
export interface MachineOptions {
  iso: string;
  /** The file of the data disk, which is made if it is missing. */
  disk: string;
  /** Ports of this machine's loopback by those of the guest. */
  ports: ReadonlyMap<number, number>;
  /** Where the guest's report goes: with it, it tests itself and powers off. */
  report?: string;
  /** Seconds until it is ended. */
  limit?: number;
}

export interface Guest {
  /** What it said on the console so far. */
  said(): string;
  /** Types a line at the console. */
  type(line: string): void;
  /** Presses the power button; comes back when the machine is off. */
  powerOff(): Promise<void>;
  /** Comes back when the machine is off by itself. */
  off(): Promise<void>;
  /** Cuts the power. */
  cut(): Promise<void>;
}

/** Ports of this machine for those of the guest, where nobody listens but by bad luck. */
export function portsFor(guest: readonly number[]): Map<number, number> {
  return new Map(guest.map((port) => [port, 20_000 + Math.floor(Math.random() * 20_000) + (port % 97)]));
}

const HARDWARE = ['-machine', 'q35,accel=tcg', '-cpu', 'qemu64,+rdrand', '-m', '1024', '-nodefaults', '-no-reboot', '-display', 'none'];
/** What the guest's own tests ask of this machine: any page. */
const PAGE = "read -r line\nprintf 'HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n'\nsleep 1\n";

function argv({ iso, disk, ports, report }: MachineOptions, monitor: string): string[] {
  const forward = [...ports].map(([guest, here]) => `,hostfwd=tcp:127.0.0.1:${here}-:${guest}`).join('');
  const server = report === undefined ? '' : `,guestfwd=tcp:10.0.2.100:80-cmd:/bin/sh ${report}.sh`;
  const port = ['virtio-serial-pci', 'virtserialport,chardev=report,name=org.container-os.report'].flatMap((device) => ['-device', device]);
  return [
    // The guest's own tests have limits of time: its clock counts instructions, so that they hold on a busy machine too.
    ...(report === undefined ? ['-smp', '2'] : ['-icount', 'shift=0']),
    ...[...HARDWARE, '-serial', 'stdio', '-monitor', `unix:${monitor},server=on,wait=off`],
    ...['-netdev', `user,id=uplink${forward}${server}`, '-device', 'virtio-net-pci,netdev=uplink,romfile='],
    ...['-drive', `if=none,id=cd,format=raw,readonly=on,file=${iso}`, '-device', 'ide-cd,drive=cd,bootindex=0'],
    ...['-drive', `if=none,id=data,format=raw,file=${disk}`, '-device', 'virtio-blk-pci,drive=data'],
    ...(report === undefined ? [] : ['-chardev', `file,id=report,path=${report}`, ...port]),
  ];
}

/** Runs `test` while the machine is up; what the guest said is in the error. */
export async function booted(options: MachineOptions, test: (guest: Guest) => Promise<void>): Promise<void> {
  const { disk, report, limit = 280 } = options;
  const monitor = `${disk}.monitor`;
  if (!existsSync(disk)) execFileSync('truncate', ['--size', '1G', disk]);
  if (report !== undefined) writeFileSync(`${report}.sh`, PAGE);
  const how = { all: true, reject: false, buffer: false, stdin: 'pipe', timeout: limit * 1000, killSignal: 'SIGKILL' } as const;
  const qemu = execa('qemu-system-x86_64', argv(options, monitor), how);
  let text = '';
  qemu.all.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const guest: Guest = {
    said: () => text,
    type: (line) => void qemu.stdin.write(`${line}\n`),
    async powerOff() {
      const socket = connect(monitor, () => socket.write('system_powerdown\n'));
      socket.on('error', () => {});
      await guest.off();
      socket.destroy();
    },
    async off() {
      const { exitCode } = await qemu;
      if (exitCode !== 0) throw new Error(`the machine did not go off within ${limit} s`);
    },
    async cut() {
      qemu.kill('SIGKILL');
      await qemu;
    },
  };
  try {
    await test(guest);
  } catch (error) {
    throw new Error(`${(error as Error).message}; the guest said:\n${text.slice(-8000)}`, { cause: error });
  } finally {
    await guest.cut();
  }
}

/** What `ask` gives as soon as it throws no more; within four minutes by default, because the guest is emulated. */
export async function eventually<T>(ask: () => Promise<T>, limit = 240): Promise<T> {
  for (const end = Date.now() + limit * 1000; ;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
      await setTimeout(1000);
    }
  }
}

export async function http(port: number | undefined, path = '/', host?: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000), ...(host ? { headers: { host } } : {}) });
  if (!response.ok) throw new Error(`${port}${path}: ${response.status}`);
  return response.text();
}

/** What a server says to `request`, up to what matches `enough`. */
export function tcp(port: number | undefined, request: string | Buffer, enough: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port ?? 0, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`${port}: no answer, only ${JSON.stringify(text)}`)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (enough.test(text)) resolve((socket.destroy(), text));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${port}: closed after ${JSON.stringify(text)}`)));
  });
}
