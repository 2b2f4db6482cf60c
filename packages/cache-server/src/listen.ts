import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions, type ServerResponse, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { UsageError } from './errors.ts';
import { openPort } from './port.ts';
import { sendBytes } from './send.ts';

/** Address and limits of the server in milliseconds and bytes. */
export interface ListenOptions {
  host: string;
  port: number;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  maxConnections: number;
  headerTimeout: number;
  /** While a request runs. */
  idleTimeout: number;
  /** Between requests; longer than clients and balancers keep a connection, which would send a request as it is closed. */
  keepAliveTimeout: number;
  /** Bytes a second. */
  minRate: number;
  gracePeriod: number;
}

/** Observes requests. */
export interface Watcher {
  /** A request began (1) or ended (-1). */
  inFlight(change: 1 | -1): void;
  /** An entry was sent in this many bytes. */
  sent(bytes: number): void;
}

/** The request handler: `fetch` of the app. */
export type Fetch = (request: Request, connection: { address: string }) => Response | Promise<Response>;

/** A running server. */
export interface Listening {
  /** Address with scheme and port. */
  url: string;
  /** Refuses new requests, waits at most the grace period for the running ones, then cuts them. */
  close(): Promise<void>;
}

/**
 * Serves `fetch` over HTTP or HTTPS, with limits of time, rate and connections.
 *
 * @throws UsageError PORT_UNAVAILABLE, TLS_INCOMPLETE, TLS_INVALID
 */
export async function listen(fetch: Fetch, options: ListenOptions, watcher: Watcher): Promise<Listening> {
  const active = new Map<IncomingMessage, Progress>();
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const response = await fetch(request, { address: incoming.socket.remoteAddress ?? '' });
      return (await sendBytes(response, outgoing as ServerResponse)) ? RESPONSE_ALREADY_SENT : response;
    },
    // The app itself drains a refused body, within its limits.
    { autoCleanupIncoming: false, hostname: 'localhost' },
  );
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
  server.requestTimeout = 0; // an upload may take long; `rates` cuts it when it is too slow
  server.keepAliveTimeout = options.keepAliveTimeout;
  server.timeout = options.idleTimeout;
  const rates = setInterval(() => cutSlow(active, options), options.idleTimeout / 4).unref();
  const {
    address: { address, port, family },
    close,
  } = await openPort(server, options.host, options.port);
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
    maxHeaderSize: 16 * 1024,
    connectionsCheckingInterval: Math.min(1000, headerTimeout),
    highWaterMark: 256 * 1024,
    insecureHTTPParser: false,
  };
  if (!tlsCert !== !tlsKey) throw new UsageError('TLS_INCOMPLETE', 'only one of tlsCert and tlsKey is set', 'Set both for HTTPS, or none for HTTP.');
  if (!tlsCert || !tlsKey) return createServer(limits, handler);
  try {
    return createTlsServer({ ...limits, cert: readFileSync(tlsCert), key: readFileSync(tlsKey), minVersion: 'TLSv1.2' }, handler);
  } catch (error) {
    const hint = 'Both must be PEM files, and the key must belong to the certificate.';
    throw new UsageError('TLS_INVALID', `cannot use ${tlsCert} and ${tlsKey} for HTTPS: ${(error as Error).message}`, hint, error);
  }
}

/** Bytes that the connection of a request had moved at a point in time. */
interface Progress {
  outgoing: ServerResponse;
  moved: number;
  since: number;
}

/** Cuts clients that kept the server waiting and were slower than `minRate` over `idleTimeout`. */
function cutSlow(active: Map<IncomingMessage, Progress>, { minRate, idleTimeout }: Pick<ListenOptions, 'minRate' | 'idleTimeout'>): void {
  const now = performance.now();
  for (const [incoming, one] of active) {
    if (now - one.since < idleTimeout) continue;
    const moved = movedBy(incoming.socket);
    // Unread bytes in the buffer mean that the store is the slow side, not the client.
    const waitsForClient = one.outgoing.writableLength > 0 || (incoming.method === 'PUT' && !incoming.complete && incoming.readableLength === 0);
    if (waitsForClient && (moved - one.moved) * 1000 < minRate * (now - one.since)) incoming.socket.destroy();
    Object.assign(one, { moved, since: now });
  }
}

function movedBy(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}
