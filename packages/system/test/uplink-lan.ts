import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LIBRARY, moved, SHELLS } from './shells.ts';

const [busybox] = SHELLS['BusyBox ash'] ?? [];

/** Whether this machine can make network namespaces, and has the image's BusyBox. */
export const LAN = busybox !== undefined && spawnSync('unshare', ['--map-root-user', '--net', '--mount', 'ip', 'link']).status === 0;

const APPLETS = 'ash awk cat cut echo flock grep ip kill mkdir nsenter ping printf rm sed sh sleep sort tee timeout tr udhcpc udhcpd usleep'.split(' ');

export const LEASE = { ip: '192.0.2.15', subnet: '255.255.255.0', router: '192.0.2.1', dns: '192.0.2.1' };
/** The same, for udhcpd. */
export const PLAIN = 'opt subnet 255.255.255.0\nopt router 192.0.2.1\nopt dns 192.0.2.1\nopt lease 600';

/**
 * Two machines, joined by cables: the OS, with the scripts of the uplink and the image's BusyBox, their paths moved below a directory;
 * and a network with a real udhcpd at the other end of each cable. Each is a network namespace of a user namespace of its own.
 */
export class Lan {
  readonly root = mkdtempSync(join(tmpdir(), 'uplink-'));
  private readonly holder: ChildProcess;
  private readonly outside: ChildProcess[] = [];
  private readonly servers = new Map<number, ChildProcess>();
  private readonly networkPid: number;
  private readonly osPid: number;
  log = '';

  constructor(cards: number) {
    for (const applet of APPLETS) this.link(busybox ?? '', `bin/${applet}`);
    const namespaces = ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
    this.holder = spawn('unshare', [...namespaces, 'sleep', '600'], { stdio: 'ignore' });
    this.networkPid = this.sleeper(this.holder);
    const inner = spawn('nsenter', [...enter(this.networkPid), '--pid', 'unshare', '--net', '--mount', 'sleep', '600'], { stdio: 'ignore' });
    this.osPid = this.sleeper(inner);
    const [, os] = /^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${this.osPid}/status`, 'utf8')) ?? [];
    for (let card = 0; card < cards; card++) {
      this.network(`ip link add lan${card} type veth peer name eth${card} netns ${os}`);
      this.write(`sys/class/net/eth${card}/device`, '');
      for (const file of ['type', 'mtu', 'carrier', 'carrier_up_count'])
        this.link(`${this.root}/real/class/net/eth${card}/${file}`, `sys/class/net/eth${card}/${file}`);
    }
    mkdirSync(join(this.root, 'real'));
    this.os(
      `mount -t sysfs sysfs ${this.root}/real; grep promote_secondaries ${join(LIBRARY, '../../../etc/sysctl.conf')} | sysctl -q -p -; ip link set lo up`,
    );
    this.link('/proc', 'proc');
    for (const file of ['dev/console', 'etc/uplink', 'usr/lib/container-os/bridges', 'run/resolv.conf']) this.write(file, '');
    this.write('usr/lib/container-os/report.sh', `report() { shift; echo "$*" >>${this.root}/report; }\n`);
    for (const script of readdirSync(join(LIBRARY, 'uplink'))) this.install(`uplink/${script}`, `usr/lib/container-os/uplink/${script}`);
    this.install('resolv-conf', 'usr/lib/container-os/resolv-conf');
    this.install('../../share/udhcpc/default.script', 'usr/share/udhcpc/default.script');
  }

  /** Runs a command of this machine in the OS. */
  os(command: string, environment: Record<string, string> = {}): string {
    return this.inside(this.osPid, ['sh', '-c', command], environment);
  }

  /** Runs a command of this machine in the network. */
  network(command: string): string {
    return this.inside(this.networkPid, ['sh', '-c', command], {});
  }

  /** Runs a script of the uplink, by the image's shell and programs. */
  script(name: string, args: string[], environment: Record<string, string> = {}): string {
    return this.inside(this.osPid, [busybox ?? '', 'ash', join(this.root, 'usr/lib/container-os/uplink', name), ...args], {
      ...environment,
      PATH: `${this.root}/bin`,
    });
  }

  /** What the OS makes of an event of udhcpc, whose lease is `lease`. */
  event(name: string, lease: Record<string, string> = {}, card = 0): void {
    if (!existsSync(join(this.root, `run/container-os/uplink/cards/eth${card}/mtu`))) {
      this.write(`run/container-os/uplink/cards/eth${card}/mtu`, '1500\n');
      mkdirSync(join(this.root, 'run/container-os/uplink/leases'), { recursive: true });
      this.os(`ip link set eth${card} up`);
      this.network(`ip link set lan${card} up`);
    }
    this.log += this.script('event', [name], { interface: `eth${card}`, ...lease });
  }

  /** The changes of addresses, routes and links in the OS while `change` is made. */
  async changes(change: () => Promise<void> | void): Promise<string> {
    const monitor = this.startOutside(this.osPid, ['ip', '-o', '-4', 'monitor', 'link', 'address', 'route']);
    let seen = '';
    monitor.stdout?.on('data', (text) => (seen += String(text)));
    await this.until('what ip monitor shows', () => {
      this.os('ip address add 127.9.9.9/32 dev lo; ip address del 127.9.9.9/32 dev lo');
      return seen !== '';
    });
    await pause(200);
    seen = '';
    await change();
    await pause(200);
    monitor.kill();
    return seen;
  }

  /** A container with this name in a bridge of the OS, as the CNI plugin makes one. */
  container(name: string, bridge: string, subnet: string): void {
    this.os(`
      ip link show ${bridge} >/dev/null 2>&1 || { ip link add ${bridge} type bridge; ip address add ${subnet} dev ${bridge}; ip link set ${bridge} up; }
      unshare --net sleep 600 & pid=$!
      until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.02; done
      ip link add v${name} type veth peer name eth0 netns $pid
      ip link set v${name} master ${bridge} up
      mkdir -p ${this.root}/run/netns ${this.root}/run/container-os/containers/${name}
      : >${this.root}/run/netns/${name}
      mount --bind /proc/$pid/ns/net ${this.root}/run/netns/${name}
      kill $pid`);
    for (const device of [bridge, `v${name}`]) this.link(`${this.root}/real/class/net/${device}`, `sys/class/net/${device}`, true);
    this.write(`run/container-os/containers/${name}/eth0.json`, `{\n  "interfaces": [ { "name": "${bridge}" } ]\n}`);
  }

  /** Gives the network at the end of a cable an address and a DHCP server with these options. */
  serve(card: number, address: string, options: string, pool = address.replace(/\.\d+\/.*$/, '.15')): void {
    this.servers.get(card)?.kill();
    this.network(`ip address flush dev lan${card}; ip address add ${address} dev lan${card}; ip link set lan${card} up`);
    const lines = ['start', 'end'].map((word) => `${word} ${pool}`);
    const config = [...lines, `interface lan${card}`, `lease_file ${this.root}/lan${card}.leases`, `pidfile ${this.root}/lan${card}.pid`, options].join('\n');
    rmSync(join(this.root, `lan${card}.leases`), { force: true });
    this.write(`lan${card}.leases`, '');
    this.write(`lan${card}.conf`, `${config}\n`);
    this.servers.set(card, this.startOutside(this.networkPid, [busybox ?? '', 'udhcpd', '-f', `${this.root}/lan${card}.conf`]));
  }

  /** Takes the DHCP server away. */
  silence(card: number): void {
    this.servers.get(card)?.kill();
  }

  /** Takes the card out of the machine, as far as its scripts see. */
  hide(card: number): void {
    rmSync(join(this.root, `sys/class/net/eth${card}/device`));
  }

  show(card: number): void {
    this.write(`sys/class/net/eth${card}/device`, '');
  }

  pull(card: number): void {
    this.network(`ip link set lan${card} down`);
  }

  plug(card: number): void {
    this.network(`ip link set lan${card} up`);
  }

  /** Starts the service uplink. */
  watch(): void {
    const path = { PATH: `${this.root}/bin` };
    const watcher = spawn('nsenter', [...enter(this.osPid), '--pid', busybox ?? '', 'ash', join(this.root, 'usr/lib/container-os/uplink/watch')], {
      env: path,
    });
    for (const stream of [watcher.stdout, watcher.stderr]) stream.on('data', (text) => (this.log += String(text)));
  }

  /** Waits until `found` is something. */
  async until<T>(what: string, found: () => T | undefined | false, seconds = 20): Promise<T> {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(50)) {
      const value = found();
      if (value !== undefined && value !== false) return value;
    }
    throw new Error(`not within ${seconds} s: ${what}\n${this.log}\n${this.os('ip address; ip route')}`);
  }

  addresses(card: number): string[] {
    return [...this.os(`ip -4 -o address show dev eth${card}`).matchAll(/inet (\S+)/g)].map(([, address]) => address ?? '');
  }

  /** Whether the card has this address alone, and the name servers are written. */
  has(card: number, address: string): () => boolean {
    return () => this.addresses(card).join() === address && this.read('run/resolv.conf') !== '';
  }

  defaults(): string[] {
    return this.routes().filter((route) => route.startsWith('default'));
  }

  /** The rows of the message of the day. */
  rows(): string[] {
    return this.script('status', [])
      .trimEnd()
      .split('\n')
      .map((row) => row.trim().replace(/ {2,}/g, '  '));
  }

  routes(): string[] {
    return this.os('ip -4 route')
      .trim()
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' '))
      .filter((line) => line !== '');
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  async close(): Promise<void> {
    for (const process of this.outside) process.kill();
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGKILL'); // with all processes of its namespace
    await ended;
    rmSync(this.root, { recursive: true, maxRetries: 10 });
  }

  private install(script: string, path: string): void {
    this.write(path, `#!${busybox} ash\n${moved(script, this.root)}`);
    chmodSync(join(this.root, path), 0o755);
  }

  private link(target: string, path: string, again = false): void {
    if (again) rmSync(join(this.root, path), { force: true });
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  /** The child of `parent` that has become sleep: by then its namespaces are there. */
  private sleeper(parent: ChildProcess): number {
    const script = `until pid=$(cat /proc/$0/task/$0/children) && [ "$(cat /proc/$((pid))/comm)" = sleep ]; do sleep 0.02; done 2>/dev/null; echo $pid`;
    return Number(execFileSync('sh', ['-c', script, String(parent.pid)], { encoding: 'utf8', timeout: 10_000 }));
  }

  private inside(pid: number, argv: string[], environment: Record<string, string>): string {
    const { status, stdout, stderr } = spawnSync('nsenter', [...enter(pid), '--pid', ...argv], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...environment },
    });
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Starts a program that the test ends, so in the process namespace of the test. */
  private startOutside(pid: number, argv: string[]): ChildProcess {
    const started = spawn('nsenter', [...enter(pid), ...argv]);
    this.outside.push(started);
    return started;
  }
}

function enter(pid: number): string[] {
  return ['--target', String(pid), '--user', '--preserve-credentials', '--net', '--mount'];
}
