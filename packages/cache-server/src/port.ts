import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from './errors.ts';

/** A server that listens. */
export interface OpenPort {
  address: AddressInfo;
  /** Refuses new requests, waits at most `grace` milliseconds for the running ones, then cuts them. */
  close(grace: number): Promise<void>;
}

const HINTS: Record<string, string> = {
  EADDRINUSE: 'Choose another --port, or stop the program that listens on this one.',
  EADDRNOTAVAIL: 'Choose an address of this machine as --host.',
  EACCES: 'Choose a --port of 1024 or above; lower ones need root.',
};

/**
 * Makes `server` listen.
 *
 * @throws UsageError PORT_UNAVAILABLE
 * @example
 * const { address, close } = await openPort(createServer(handler), '127.0.0.1', 0);
 */
export async function openPort(server: Server, host: string, port: number): Promise<OpenPort> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new UsageError('PORT_UNAVAILABLE', `cannot listen on ${host}, port ${port}: ${error.message}`, HINTS[error.code ?? ''], error));
    });
    server.listen(port, host, resolve);
  });
  let isClosing = false;
  // Node closes the connections that are idle when close() is called, and none that falls idle later.
  server.on('request', (_, response) =>
    response.once('close', () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    }),
  );
  return {
    address: server.address() as AddressInfo,
    async close(grace) {
      isClosing = true;
      const cut = setTimeout(() => server.closeAllConnections(), grace);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      clearTimeout(cut);
    },
  };
}
