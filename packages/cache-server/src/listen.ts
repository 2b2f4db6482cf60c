import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions, type ServerResponse, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { UsageError } from './errors.ts';
import { openPort } from './port.ts';
import { sendBytes } from './send.ts';

/** Limits of a port; milliseconds and bytes. */
export interface ListenOptions {
  host: string;
  port: number;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  maxConnections: number;
  headerTimeout: number;
  idleTimeout: number;
  /** Bytes a second. */
  minRate: number;
  gracePeriod: number;
}

/** Told of each request's start and end, with the bytes that its connection took. */
export interface Watcher {
  inFlight(change: 1 | -1): void;
  sent(bytes: number): void;
}

/** What answers: the `fetch` of the app. */
export type Fetch = (request: Request, connection: { address: string }) => Response | Promise<Response>;

/** A port that is open. */
export interface Listening {
  /** With scheme and port. */
  url: string;
  /** Takes no more requests, waits for those under way at most the grace period, then cuts them. */
  close(): Promise<void>;
}

/**
 * Puts `fetch` on a port, with limits of time and connections.
 *
 * @throws UsageError PORT_UNAVAILABLE
 */
export async function listen(fetch: Fetch, options: ListenOptions, watcher: Watcher): Promise<Listening> {
  const active = new Map<IncomingMessage, Progress>();
  const listener = getRequestListener(async (request, { incoming, outgoing }) => {
    const response = await fetch(request, { address: incoming.socket.remoteAddress ?? '' });
    return await sendBytes(response, outgoing as ServerResponse) ? RESPONSE_ALREADY_SENT : response;
  },
    // The app itself drains what it refuses, within its limits.
    { autoCleanupIncoming: false, hostname: 'localhost' });
  const handler = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const before = incoming.socket.bytesWritten;
    active.set(incoming, { outgoing, moved: movedBy(incoming.socket), since: performance.now() });
    watcher.inFlight(1);
    outgoing.once('close', () => {
      active.delete(incoming);
      watcher.inFlight(-1);
      if (incoming.method === 'GET' && outgoing.statusCode === 200) watcher.sent(incoming.socket.bytesWritten - before);
    });
    void listener(incoming, outgoing);
  };
  const server = create(options, handler);
  server.maxConnections = options.maxConnections;
  server.headersTimeout = options.headerTimeout;
  server.requestTimeout = 0; // an upload may take long, but not stand still: `rates`
  server.keepAliveTimeout = options.idleTimeout;
  server.timeout = options.idleTimeout;
  const rates = setInterval(() => cutSlow(active, options), options.idleTimeout / 4).unref();
  const { address: { address, port, family }, close } = await openPort(server, options.host, options.port);
  return {
    url: `${options.tlsCert ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      await close(options.gracePeriod);
      clearInterval(rates);
    },
  };
}

function create({ tlsCert, tlsKey, headerTimeout }: ListenOptions, handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Server {
  const limits: ServerOptions = {
    maxHeaderSize: 16 * 1024, connectionsCheckingInterval: Math.min(1000, headerTimeout), highWaterMark: 256 * 1024, insecureHTTPParser: false,
  };
  if (!tlsCert !== !tlsKey) throw new UsageError('TLS_INCOMPLETE', 'tlsCert and tlsKey belong together', 'Give both, or none.');
  if (!tlsCert || !tlsKey) return createServer(limits, handler);
  try {
    return createTlsServer({ ...limits, cert: readFileSync(tlsCert), key: readFileSync(tlsKey), minVersion: 'TLSv1.2' }, handler);
  } catch (error) {
    throw new UsageError('TLS_INVALID', `${tlsCert}, ${tlsKey}: ${(error as Error).message}`, undefined, error);
  }
}

/** How many bytes a request's connection had moved, and when that was. */
interface Progress {
  outgoing: ServerResponse;
  moved: number;
  since: number;
}

/** Cuts clients that were slower than `minRate` over `idleTimeout` although the server waited for them. */
function cutSlow(active: Map<IncomingMessage, Progress>, { minRate, idleTimeout }: Pick<ListenOptions, 'minRate' | 'idleTimeout'>): void {
  const now = performance.now();
  for (const [incoming, one] of active) {
    if (now - one.since < idleTimeout) continue;
    const moved = movedBy(incoming.socket);
    // Bytes that lie here unread are not the client's delay: the store is slow, or other uploads come first.
    const waitsForClient = one.outgoing.writableLength > 0 || (incoming.method === 'PUT' && !incoming.complete && incoming.readableLength === 0);
    if (waitsForClient && (moved - one.moved) * 1000 < minRate * (now - one.since)) incoming.socket.destroy();
    Object.assign(one, { moved, since: now });
  }
}

function movedBy(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}
