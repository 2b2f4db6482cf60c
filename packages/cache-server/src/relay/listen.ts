import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { UsageError } from '../errors.ts';
import { createRelayApp } from './app.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import type { RelayOptions } from './options.ts';
import type { Report } from './report.ts';
import { createTally, type Tally } from './tally.ts';
import { connectUpstream } from './upstream.ts';

/** A relay that listens. */
export interface Relay {
  /** `http://127.0.0.1:port` */
  address: string;
  tally: Tally;
  /** Lets requests end for up to `grace` milliseconds, then cuts them. */
  close(grace: number): Promise<void>;
}

/**
 * Starts a relay on loopback. Only who presents `token` may use it: it speaks to upstream with a token that other users of this
 * machine may not have.
 *
 * @throws UsageError PORT_IN_USE
 * @example
 * const relay = await startRelay(options, 0, token, report);
 */
export async function startRelay(options: RelayOptions, port: number, token: string | undefined, report: Report): Promise<Relay> {
  const upstream = connectUpstream(options.upstream);
  const tally = createTally();
  const { spoolDirectory, maxEntrySize } = options.upstream;
  const app = createRelayApp({ upstream, reads: breaker('GET', true), writes: breaker('PUT', false), token, spoolDirectory, maxEntrySize, report, tally });
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { requestTimeout: 0 } }) as Server;
  // An idle connection that is closed just as nx sends on it would be a fault for nx; loopback connections cost nothing.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new UsageError('PORT_IN_USE', `port ${port} of 127.0.0.1 cannot be listened on: ${error.code}`, 'Take another --port.', error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tally,
    async close(grace) {
      const cut = setTimeout(() => server.closeAllConnections(), grace);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      clearTimeout(cut);
      await upstream.close();
    },
  };

  function breaker(method: string, retries: boolean): Breaker {
    return createBreaker({
      faults: options.breakAfter, pause: options.breakFor, retries,
      onOpen: ({ reason, message }) => report({ level: 'warn', event: 'open', reason, message: `${method} is given up for now, after ${options.breakAfter} faults in a row: ${message}` }),
      onClose: () => report({ level: 'info', event: 'close', message: `upstream is well again: ${method} goes on` }),
    });
  }
}
