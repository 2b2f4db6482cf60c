import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { compileResolver } from '../src/programs/compile.ts';

/** Whether this machine can make network namespaces. */
export const NAMESPACES = spawnSync('unshare', ['--map-root-user', '--net', '--mount', 'ip', 'link']).status === 0;

export const SERVER = '10.9.0.1';

/**
 * A name server of the outside. A name says what becomes of a query: silent, fail or refuse, or "big" for an answer that only TCP can
 * carry; others have the address 192.0.2.7. It writes down what it is asked.
 */
const OUTSIDE = `
const [address, log] = process.argv.slice(1);
const { appendFileSync } = require('fs');
const answer = (query, tcp) => {
  let at = 12, labels = [];
  for (; query[at]; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
  const name = labels.join('.'), question = query.subarray(12, at + 5), record = Buffer.from('c00c00010001000000010004c0000207', 'hex');
  appendFileSync(log, (tcp ? 'tcp ' : 'udp ') + name + (query.length > at + 5 ? ' edns' : '') + '\\n');
  if (name.startsWith('silent')) return;
  const code = name.startsWith('fail') ? 2 : name.startsWith('refuse') ? 5 : 0, big = name.startsWith('big'), count = code ? 0 : big ? (tcp ? 2000 : 0) : 1;
  const head = Buffer.from([query[0], query[1], big && !tcp ? 0x83 : 0x81, 0x80 | code, 0, 1, count >> 8, count & 255, 0, 0, 0, 0]);
  const records = Array.from({ length: count }, (_, index) => { const one = Buffer.from(record); if (big) one.writeUInt16BE(index, 14); return one; });
  return Buffer.concat([head, question, ...records]);
};
const udp = require('dgram').createSocket('udp4');
udp.on('message', (query, { port, address }) => {
  const text = answer(query, false);
  if (!text) return;
  const forged = Buffer.from(text);
  forged[0] ^= 255;
  udp.send(forged, port, address);
  udp.send(Buffer.concat([text.subarray(0, 2), Buffer.from([0x80])]), port, address);
  udp.send(text, port, address);
});
udp.bind(53, address);
require('net').createServer((socket) => socket.on('error', () => {}).on('data', (query) => {
  const text = answer(query.subarray(2), true), length = Buffer.alloc(2);
  if (!text) return;
  length.writeUInt16BE(text.length);
  socket.write(length);
  setTimeout(() => socket.write(text), 20);
})).listen(53, address, () => appendFileSync(log, 'ready\\n'));
`;

/** The OS with its resolver, the namespaces of containers, and a name server outside. */
export class Network {
  readonly root = mkdtempSync(join(tmpdir(), 'resolver-'));
  private readonly holder: ChildProcess;
  private readonly children: ChildProcess[] = [];
  private readonly pid: string;
  private resolver: ChildProcess | undefined;
  private cards = 0;
  log = '';

  private constructor() {
    this.holder = spawn('unshare', ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sleep', '600'], {
      stdio: 'ignore',
    });
    const children = `/proc/${this.holder.pid}/task/${this.holder.pid}/children`;
    for (;;) {
      const [pid] = readFileSync(children, 'utf8').split(' ');
      if (pid && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n') {
        this.pid = pid;
        break;
      }
    }
    mkdirSync(join(this.root, 'run/netns'), { recursive: true });
    mkdirSync(join(this.root, 'run/container-os/containers'), { recursive: true });
    this.os(`ip link set lo up; ip link add br0 type bridge; ip addr add ${SERVER}/24 dev br0; ip addr add 10.9.0.2/24 dev br0; ip link set br0 up`);
    this.write('resolv.conf', `nameserver ${SERVER}\n`);
  }

  static async make(): Promise<Network> {
    const network = new Network();
    await compileResolver(network.root, {}, [`-DRUN="${network.root}/run"`]);
    return network;
  }

  /** Runs a command of this machine in the OS. */
  os(command: string): string {
    return execFileSync('nsenter', [...this.enter(), 'sh', '-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  start(): void {
    this.resolver = spawn('nsenter', [...this.enter(), join(this.root, 'resolver')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.resolver.stderr?.on('data', (data: Buffer) => (this.log += data.toString()));
  }

  /** Ends the resolver; nsenter(1) then ends too. */
  async kill(): Promise<void> {
    const ended = once(this.resolver!, 'exit');
    this.os(`kill -KILL $(pidof ${this.root}/resolver)`);
    await ended;
  }

  /** A name server outside; what it is asked is in the file `asked`. */
  async outside(address = SERVER): Promise<void> {
    this.children.push(spawn('nsenter', [...this.enter(), process.execPath, '-e', OUTSIDE, address, join(this.root, 'asked')], { stdio: 'inherit' }));
    await this.until(() => existsSync(join(this.root, 'asked')) && this.asked().includes('ready'));
  }

  asked(): string[] {
    return readFileSync(join(this.root, 'asked'), 'utf8').trim().split('\n');
  }

  /** The namespace of a container and its files, and the resolver's word that it knows of it. `address`: on the bridge, with a way out. */
  container(name: string, networks: string, service = '', { address }: { address?: string } = {}): void {
    const namespace = this.namespace(name);
    const card = `card${this.cards++}`;
    writeFileSync(namespace, '');
    this.os(`unshare --net=${namespace} ip link set lo up`);
    if (address)
      this.os(`nsenter --net=${namespace} sleep 2 & sleep 0.1
        ip link add ${card} type veth peer name eth0 netns $! && ip link set ${card} master br0 up
        nsenter --net=${namespace} sh -c 'ip addr add ${address}/24 dev eth0 && ip link set eth0 up && ip route add default via ${SERVER}' && kill $!`);
    this.write(`container-os/containers/${name}/networks`, networks);
    this.write(`container-os/containers/${name}/bundle/service`, service);
    if (this.resolver) this.tell('add', name);
  }

  tell(command: string, name: string): void {
    this.os(`${this.root}/resolver ${command} ${name}`);
  }

  namespace(name: string): string {
    return join(this.root, 'run/netns', name);
  }

  /** Runs a script of Node in a container's namespace; its output, as JSON. */
  inside(name: string, script: string): unknown {
    const argv = [...this.enter(), 'nsenter', `--net=${this.namespace(name)}`, process.execPath, '-e', script];
    const { stdout, stderr, status } = spawnSync('nsenter', argv, { encoding: 'utf8', timeout: 30_000 });
    if (status !== 0) throw new Error(`${status} ${stderr}`);
    return JSON.parse(stdout);
  }

  /** What c-ares, by 127.0.0.11, finds; the code of an error as a text. */
  find(name: string, host: string, type = 'A'): unknown {
    return this.inside(
      name,
      `const resolver = new (require('dns').promises.Resolver)({ timeout: 6000, tries: 1 }); resolver.setServers(['127.0.0.11']);
       resolver.resolve('${host}', '${type}').then((found) => console.log(JSON.stringify(found)), ({ code }) => console.log(JSON.stringify(code)))`,
    );
  }

  /** Sends these bytes by UDP; the answer in hexadecimal digits, '' without one. */
  send(name: string, hex: string): string {
    const socket = `const socket = require('dgram').createSocket('udp4'); const end = (text) => { console.log(JSON.stringify(text)); process.exit(); };`;
    return this.inside(
      name,
      `${socket} socket.on('message', (answer) => end(answer.toString('hex'))); setTimeout(end, 500, ''); socket.send(Buffer.from('${hex}', 'hex'), 53, '127.0.0.11')`,
    ) as string;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, 'run', path)), { recursive: true });
    writeFileSync(join(this.root, 'run', path), text);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let attempt = 0; !condition(); attempt++) {
      if (attempt > 200) throw new Error(`waited for ${condition.toString()}`);
      await pause(25);
    }
  }

  close(): void {
    for (const child of [...this.children, this.resolver, this.holder]) child?.kill('SIGKILL');
    rmSync(this.root, { recursive: true });
  }

  private enter(): string[] {
    return ['--target', this.pid, '--user', '--net', '--mount', '--pid', '--preserve-credentials'];
  }
}
