import { randomFillSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createToken, writeTokens, type Token } from '../src/access/tokens.ts';
import { loadConfig } from '../src/config/config.ts';
import { startServer } from '../src/server.ts';

/** A server on a free port of loopback, its directory, and what it logged. */
export interface Running {
  url: string;
  directory: string;
  /** By name, the token. */
  tokens: Record<string, string>;
  audit(): Record<string, unknown>[];
  close(): Promise<void>;
}

/** Starts the real server with a store of its own and a token of each kind, and `flags`. */
export async function start(...flags: string[]): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'cache-server-'));
  const tokens: Record<string, string> = {};
  const add = (name: string, scope: Token['scope'], namespace: string, expires?: string): Token => {
    const made = createToken({ name, scope, namespace, reads: [...new Set(['trusted', namespace])], ...(expires ? { expires } : {}) });
    tokens[name] = made.secret;
    return made.token;
  };
  writeTokens(join(directory, 'tokens.json'), [
    add('main', 'read-write', 'trusted'),
    add('reader', 'read', 'trusted'),
    add('pr', 'read-write', 'pr-1'),
    add('other', 'read-write', 'pr-2'),
    add('past', 'read-write', 'trusted', '2020-01-01T00:00:00.000Z'),
  ]);
  const audit = join(directory, 'audit.jsonl');
  const { settings } = loadConfig(
    'serve',
    [
      '--directory',
      join(directory, 'store'),
      '--tokens',
      join(directory, 'tokens.json'),
      '--port',
      '0',
      '--log-level',
      'silent',
      '--audit-log',
      audit,
      ...flags,
    ],
    {},
  );
  const server = await startServer(settings);
  return {
    url: server.url,
    directory,
    tokens,
    audit: () =>
      existsSync(audit)
        ? readFileSync(audit, 'utf8')
            .trim()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Record<string, unknown>)
        : [],
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One request for an entry, with the token of that name. */
export function ask(
  { url, tokens }: Running,
  method: string,
  hash: string,
  token?: string,
  body?: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${tokens[token] ?? token}` };
  return fetch(`${url}/v1/cache/${hash}`, { method, headers: { ...authorization, ...headers }, ...(body === undefined ? {} : { body }) });
}

/** A connection that sends what a client library would not. */
export async function raw({ url }: Running): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, answer };
}

/** So many bytes that do not compress. */
export const bytes = (size: number): Buffer<ArrayBuffer> => randomFillSync(Buffer.alloc(size));

/** Waits until `is` holds; the test's own time-out ends it. */
export async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 20));
}
