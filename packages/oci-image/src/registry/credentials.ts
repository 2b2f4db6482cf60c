import { BuildError, ifThere, parseJson, run } from '@container-os/core';
import type { FetchContext } from '@container-os/sources';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What logs in to a registry; `from` says which file had it, for messages. */
export type Credential = { from: string } & ({ user: string; password: string } | { identityToken: string });

/** As docker's config.json and containers' auth.json have it. */
interface AuthFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/** What Docker calls Docker Hub in its files. */
const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'];

/**
 * The credential that the user keeps for a repository of a registry, from the files of podman, then docker's. The first file that has one wins.
 *
 * Source: containers-auth.json(5); docs.docker.com, reference/cli/docker/login (credential stores and helpers).
 *
 * @throws BuildError AUTH_FILE_INVALID, CREDENTIAL_HELPER_FAILED
 */
export async function findCredential(host: string, repository: string, context: FetchContext): Promise<Credential | undefined> {
  for (const file of authFiles()) {
    const text = await ifThere(readFile(file, 'utf8'));
    if (text === undefined) continue;
    const credential = await credentialIn(parseAuthFile(file, text), file, host, repository, context);
    if (credential) return credential;
  }
  return undefined;
}

/** They say how bytes are fetched, never what they are: no part of the build. */
function authFiles(): string[] {
  // eslint-disable-next-line no-restricted-syntax -- as said above
  const variable = (name: 'REGISTRY_AUTH_FILE' | 'XDG_RUNTIME_DIR' | 'XDG_CONFIG_HOME' | 'DOCKER_CONFIG'): string => process.env[name] ?? '';
  const own = variable('REGISTRY_AUTH_FILE');
  const runtime = variable('XDG_RUNTIME_DIR');
  const config = variable('XDG_CONFIG_HOME') || join(homedir(), '.config');
  const containers = own !== '' ? [own] : [...(runtime === '' ? [] : [join(runtime, 'containers/auth.json')]), join(config, 'containers/auth.json')];
  return [...containers, join(variable('DOCKER_CONFIG') || join(homedir(), '.docker'), 'config.json')];
}

function parseAuthFile(file: string, text: string): AuthFile {
  try {
    return (parseJson(file, text, 'AUTH_FILE_INVALID') ?? {}) as AuthFile;
  } catch {
    // The parser's message quotes the text, which holds secrets.
    throw new BuildError('AUTH_FILE_INVALID', `${file}: not JSON`, { hint: `Correct ${file}, or remove it and log in again.` });
  }
}

async function credentialIn({ auths = {}, credHelpers = {}, credsStore }: AuthFile, from: string, host: string, repository: string, context: FetchContext) {
  const keys = keysOf(host, repository);
  const key = keys.find((name) => credHelpers[name] !== undefined);
  if (key !== undefined) return askHelper(credHelpers[key] ?? '', key, from, context);
  const stored = credsStore ? await askHelper(credsStore, host === 'docker.io' ? (HUB_KEYS[0] ?? host) : host, from, context) : undefined;
  if (stored) return stored;
  const entries = Object.entries(auths).map(([name, entry]) => [HUB_KEYS.includes(name) ? name : bare(name), entry] as const);
  const entry = keys.flatMap((name) => entries.find(([known]) => known === name)?.[1] ?? [])[0];
  return entry ? decode(entry, from) : undefined;
}

/** The most special first: podman keeps credentials of a part of a registry, too. */
function keysOf(host: string, repository: string): string[] {
  const parts = repository.split('/');
  const special = parts.map((_, index) => `${host}/${parts.slice(0, parts.length - index).join('/')}`);
  return [...special, ...(host === 'docker.io' ? HUB_KEYS : [host])];
}

/** Docker's files have URLs too: `https://registry.example/v2/` is `registry.example`. */
function bare(name: string): string {
  return /^https?:\/\//.test(name) ? name.replace(/^https?:\/\//, '').replace(/\/.*$/, '') : name;
}

function decode({ auth = '', username, password, identitytoken }: NonNullable<AuthFile['auths']>[string], from: string): Credential | undefined {
  if (identitytoken) return { from, identityToken: identitytoken };
  const plain = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = plain.indexOf(':');
  if (colon > 0) return { from, user: plain.slice(0, colon), password: plain.slice(colon + 1) };
  return username && password ? { from, user: username, password } : undefined;
}

/**
 * Asks the user's program `docker-credential-<helper>`, which gets the user's environment: it talks to a key ring or a cloud.
 * What it prints is a secret, and no message has it.
 */
async function askHelper(helper: string, server: string, from: string, { signal }: FetchContext): Promise<Credential | undefined> {
  const program = `docker-credential-${helper}`;
  const failed = (what: string, cause?: unknown): BuildError =>
    new BuildError('CREDENTIAL_HELPER_FAILED', `${program} get for ${server}, which ${from} names: ${what}`, {
      cause,
      hint: `Run: echo ${server} | ${program} get`,
    });
  if (!/^[\w.-]+$/.test(helper)) throw failed(`${JSON.stringify(helper)} is no name of a program`);
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const { stdout, exitCode } = await run([program, 'get'], { env, input: `${server}\n`, signal, timeout: 60, allow: [0, 1] }).catch((error: unknown) => {
    if (error instanceof BuildError && error.code === 'HOST_TOOL_MISSING') throw failed('the program is not on PATH', error);
    if (error instanceof BuildError && error.code.startsWith('COMMAND_')) throw failed('it failed');
    throw error;
  });
  if (exitCode !== 0) {
    if (/credentials not found/i.test(stdout)) return undefined;
    throw failed('exit code 1');
  }
  const { Username: user, Secret: secret } = parseAnswer(stdout);
  if (typeof user !== 'string' || typeof secret !== 'string') throw failed('its answer has no Username and Secret');
  if (secret === '') return undefined;
  return user === '<token>' ? { from, identityToken: secret } : { from, user, password: secret };
}

function parseAnswer(text: string): { Username?: unknown; Secret?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
