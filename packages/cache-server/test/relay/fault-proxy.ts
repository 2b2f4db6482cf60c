import { createServer as createPlainServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What the proxy does instead of passing on. 'pass' passes; a number is a status that it answers with. */
export type ProxyFault = 'pass' | 'silent' | 'truncate' | 'corrupt' | 'too-much' | 'drip' | 'reset' | 'garbage' | 'redirect' | 'page' | 'empty' | number;

/** With `tls` it speaks https; with `only` other requests pass. */
export interface FaultOptions {
  tls?: { key: string; cert: string };
  only?: 'PUT';
}

/** A proxy that listens on loopback. */
export interface FaultProxy {
  address: string;
  /** Requests that arrived, or connections where they are not HTTP. */
  count: () => number;
  close(): Promise<void>;
}

/**
 * An HTTP proxy in front of the real server at `upstream` that does one fault, as a network or a server in trouble does.
 *
 * @example
 * const proxy = await startFaultProxy('http://127.0.0.1:8787', 'truncate');
 */
export async function startFaultProxy(upstream: string, fault: ProxyFault, { tls, only }: FaultOptions = {}): Promise<FaultProxy> {
  let count = 0;
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    count++;
    if (only !== undefined && incoming.method !== only) return forward(upstream, incoming, (...answered) => answer('pass', outgoing, ...answered));
    if (fault === 'silent') return void incoming.resume();
    if (typeof fault === 'number') return void incoming.resume().on('end', () => outgoing.writeHead(fault).end('no'));
    if (fault === 'redirect') return void incoming.resume().on('end', () => outgoing.writeHead(307, { location: `${upstream}${incoming.url}` }).end());
    if (fault === 'page' || fault === 'empty') return void incoming.resume().on('end', () => outgoing.end(fault === 'page' ? '<!doctype html>Sign in' : ''));
    if (incoming.method === 'PUT' && fault === 'reset') return void incoming.once('data', () => incoming.socket.resetAndDestroy());
    forward(upstream, incoming, (status, headers, body) => answer(fault, outgoing, status, headers, body));
  };
  const server: Server =
    fault === 'garbage'
      ? createTcpServer((socket) => {
          count++;
          socket.on('error', () => {}).once('data', () => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n\0\0\0'));
        })
      : tls
        ? createTlsServer(tls, handle)
        : createPlainServer(handle);
  return listen(server, tls ? 'https' : 'http', () => count);
}

/**
 * A TCP proxy that calls `kill` when `after` bytes went in one direction, and then passes no more: the server dies in the middle.
 *
 * @example
 * const proxy = await startKillingProxy(server.address, 'up', 50_000, () => server.stop('SIGKILL'));
 */
export function startKillingProxy(upstream: string, direction: 'up' | 'down', after: number, kill: () => Promise<void>): Promise<FaultProxy> {
  const { hostname, port } = new URL(upstream);
  let bytes = 0;
  let killed: Promise<void> | undefined;
  const server = createTcpServer((near) => {
    const far = connect(Number(port), hostname);
    const end = (): void => [near, far].forEach((socket) => socket.destroy());
    const pass = (from: Socket, to: Socket, isCounted: boolean): void => {
      from
        .on('error', end)
        .on('close', end)
        .on('data', (chunk: Buffer) => {
          if (isCounted) bytes += chunk.length;
          if (bytes < after) return void to.write(chunk);
          killed ??= kill();
          void killed.then(end);
        });
    };
    pass(near, far, direction === 'up');
    pass(far, near, direction === 'down');
  });
  return listen(server, 'http', () => bytes);
}

async function listen(server: Server, scheme: string, count: () => number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Answer = (status: number, headers: IncomingMessage['headers'], body: Buffer) => void;

/** The bodies of these tests are small: kept whole, so that a fault can be put where it is wanted. */
function forward(upstream: string, incoming: IncomingMessage, then: Answer): void {
  const passed = request(new URL(incoming.url ?? '/', upstream), { method: incoming.method, headers: incoming.headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => then(response.statusCode ?? 502, response.headers, Buffer.concat(chunks)));
  });
  passed.on('error', () => then(502, {}, Buffer.alloc(0)));
  incoming.pipe(passed);
}

/** A fault of the body is one of a GET that hits; everything else passes. */
function answer(fault: ProxyFault, outgoing: ServerResponse, status: number, headers: IncomingMessage['headers'], body: Buffer): void {
  const isHit = status === 200 && headers['repr-digest'] !== undefined;
  const half = body.subarray(0, body.length / 2);
  if (!isHit || fault === 'pass') return void outgoing.writeHead(status, headers).end(body);
  if (fault === 'corrupt') body[body.length >> 1]! ^= 0xff;
  if (fault === 'too-much') return void outgoing.writeHead(200, { ...headers, 'content-length': body.length * 2 }).end(Buffer.concat([body, body]));
  outgoing.writeHead(200, headers);
  if (fault === 'truncate') return void outgoing.write(half, () => outgoing.socket?.end());
  if (fault === 'reset') return void outgoing.write(half, () => outgoing.socket?.resetAndDestroy());
  if (fault === 'drip') return void drip(outgoing, body);
  outgoing.end(body);
}

/** Ten bytes a second. */
function drip(outgoing: ServerResponse, body: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => outgoing.write(body.subarray(sent, ++sent)), 100);
  outgoing.on('close', () => clearInterval(timer));
}
