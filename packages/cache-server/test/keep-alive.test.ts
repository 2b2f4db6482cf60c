import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { loadConfig } from '../src/config/config.ts';
import { parseDuration } from '../src/config/units.ts';
import { start } from './running.ts';

vi.setConfig({ testTimeout: 60_000 }); // a busy machine

/** Two requests on one connection with a pause between; whether the second went through the first one's connection. */
async function reuseAfter(url: string, pause: number): Promise<boolean> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<{ port: number | undefined; hint: string | undefined }> =>
    new Promise((resolve, reject) => {
      const request = get(`${url}/healthz`, { agent }, (response: IncomingMessage) => {
        const seen = { port: response.socket.localPort, hint: response.headers['keep-alive'] as string | undefined };
        response.resume().on('end', () => resolve(seen));
      });
      request.on('error', reject);
    });
  const first = await ask();
  // Node's agent obeys the hint of the server; Nx's client and balancers do not.
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.setTimeout(0);
  await setTimeout(pause);
  const second = await ask();
  agent.destroy();
  return first.port === second.port;
}

test('a connection outlives idleTimeout and headerTimeout between requests, and ends after keepAliveTimeout', async () => {
  const server = await start('--idle-timeout', '500ms', '--header-timeout', '500ms', '--keep-alive-timeout', '4s');
  expect(await reuseAfter(server.url, 2000)).toBe(true);
  await server.close();
  const short = await start('--idle-timeout', '30s', '--keep-alive-timeout', '500ms');
  expect(await reuseAfter(short.url, 3000)).toBe(false);
  await short.close();
});

test('by default it stays open for longer than Nx (90 s) and balancers (60 s) keep it', () => {
  const { settings } = loadConfig('serve', [], {});
  expect(parseDuration(settings.keepAliveTimeout)).toBeGreaterThan(90_000);
});
