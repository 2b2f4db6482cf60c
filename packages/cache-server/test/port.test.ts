import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from '../src/config/config.ts';
import { openPort, type OpenPort } from '../src/port.ts';
import { startRelay } from '../src/relay/listen.ts';
import { relayOptions } from '../src/relay/options.ts';
import { startServer } from '../src/server.ts';

let taken: OpenPort | undefined;
afterEach(() => taken?.close(0));

test('server and relay say in the same way that their port is taken, and what to do', async () => {
  taken = await openPort(createServer(), '127.0.0.1', 0);
  const { port } = taken.address;
  const expected = {
    code: 'PORT_UNAVAILABLE',
    message: expect.stringContaining(`127.0.0.1, port ${port}`),
    hint: 'Choose another --port, or stop the program that listens on this one.',
  };
  const flags = ['--port', String(port), '--log-level', 'silent'];
  await expect(startServer(loadConfig('serve', flags, {}).settings)).rejects.toMatchObject(expected);
  const options = relayOptions(loadConfig('relay', [...flags, '--upstream', 'http://127.0.0.1:1'], {}).settings, {});
  await expect(startRelay(options, port, undefined, () => undefined)).rejects.toMatchObject(expected);
});
