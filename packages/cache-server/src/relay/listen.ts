import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { openPort } from '../port.ts';
import { createRelayApp } from './app.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import type { RelayOptions } from './options.ts';
import type { Report } from './report.ts';
import { createTally, type Tally } from './tally.ts';
import { connectUpstream } from './upstream.ts';

/** A running relay. */
export interface Relay {
  /** `http://127.0.0.1:port` */
  address: string;
  tally: Tally;
  /** Waits at most `grace` milliseconds for running requests, then cuts them. */
  close(grace: number): Promise<void>;
}

/**
 * Starts a relay on loopback. Clients must present `token`: the relay has a token for upstream that other users of this machine
 * may lack.
 *
 * @throws UsageError PORT_UNAVAILABLE
 * @example
 * const relay = await startRelay(options, 0, token, report);
 */
export async function startRelay(options: RelayOptions, port: number, token: string | undefined, report: Report): Promise<Relay> {
  const upstream = connectUpstream(options.upstream);
  const tally = createTally();
  const { spoolDirectory, maxEntrySize } = options.upstream;
  const app = createRelayApp({ upstream, reads: breaker('GET', true), writes: breaker('PUT', false), token, spoolDirectory, maxEntrySize, report, tally });
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { requestTimeout: 0 } }) as Server;
  // Never close an idle connection: Nx would fail if it sent a request at that moment. Loopback connections cost nothing.
  server.keepAliveTimeout = 0;
  const { address, close } = await openPort(server, '127.0.0.1', port);
  return {
    address: `http://${address.address}:${address.port}`,
    tally,
    async close(grace) {
      await close(grace);
      await upstream.close();
    },
  };

  function breaker(method: string, retries: boolean): Breaker {
    return createBreaker({
      faults: options.breakAfter,
      pause: options.breakFor,
      retries,
      onOpen: ({ reason, message }) => {
        const opened = `${method} circuit open: upstream failed ${options.breakAfter} times in a row, the last time because ${message}`;
        report({ level: 'warn', event: 'open', reason, message: opened });
      },
      onClose: () => report({ level: 'info', event: 'close', message: `${method} circuit closed: upstream recovered` }),
    });
  }
}
