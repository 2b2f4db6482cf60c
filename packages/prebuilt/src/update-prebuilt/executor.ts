import { BuildError, defineCommand, ifThere, type TargetContext } from '@container-os/core';
import { fetchAnswer } from '@container-os/sources';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { LOCK_FILE, parseLock, type PrebuiltLock } from '../lock.ts';
import { describeChanges } from './changes.ts';
import type { UpdatePrebuiltOptions } from './schema.d.ts';
import { requireSignature } from './signature.ts';

/** The most bytes that a lock file may have: one of 13 artifacts has 25,000. */
const LIMIT = 1024 * 1024;

/** Brings the lock file at a URL into the workspace where it is signed and newer than the one that is there. Nothing of it is read before that. */
export default defineCommand<UpdatePrebuiltOptions>(async ({ platform, lock = LOCK_FILE, url, key }, context) => {
  if (url === undefined) throw missing('prebuiltUrl', 'the URL of a lock file by https');
  if (key === undefined) throw missing('prebuiltKey', "the fingerprint of its publisher's key, 64 hex digits");
  requireSafe(url);
  const [bytes, signature, publicKey] = [await fetchPart(url, '', context), await fetchPart(url, '.sig', context), await fetchPart(url, '.pub', context)];
  requireSignature({ url, bytes, signature, publicKey }, key);
  const after = parseLock(url, bytes.toString('utf8'), platform, 'Ask the publisher for a lock file of this base, or correct "prebuiltUrl" in nx.json.');
  const file = join(context.workspaceRoot, lock);
  const text = await ifThere(readFile(file, 'utf8'));
  const before = text === undefined ? undefined : parseLock(file, text, platform);
  if (JSON.stringify(before) === JSON.stringify(after)) return context.log.info('up to date');
  requireNewer(after, before, url, file);
  await replaceFile(file, bytes);
  if (after.version !== packageJson.version)
    context.log.warn(`the artifacts are of version ${after.version}, the plugins here of ${packageJson.version}: verify-prebuilt says whether they differ`);
  for (const line of [...describeChanges(before, after), `written to ${file}`]) context.log.info(line);
});

function missing(option: string, what: string): BuildError {
  return new BuildError('PREBUILT_OPTION_MISSING', `nx.json has no "${option}" among the options of the plugin @container-os/image`, {
    hint: `Write there: "${option}": "<${what}>". Without a URL, the lock file is that of the installed package, or the file that "prebuiltLock" names.`,
  });
}

/** The signature says who made the lock file; https, that this is what the publisher's server has now. @throws BuildError PREBUILT_URL_REFUSED */
function requireSafe(url: string): void {
  const { protocol = '', hostname = '', username = '', password = '' } = URL.canParse(url) ? new URL(url) : {};
  const isLoopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  const isPublic = username + password === '';
  if (isPublic && (protocol === 'https:' || (protocol === 'http:' && isLoopback))) return;
  const actual = isPublic ? url : `one of ${hostname} with user or password`;
  throw new BuildError('PREBUILT_URL_REFUSED', `"prebuiltUrl" in nx.json: expected a URL by https without user and password, got ${actual}`, {
    hint: 'Write a URL that begins with https://. By http, only this machine is asked, as 127.0.0.1.',
  });
}

/** @throws BuildError PREBUILT_LOCK_GONE, PREBUILT_UNSIGNED, and those of fetchAnswer */
async function fetchPart(url: string, suffix: '' | '.sig' | '.pub', context: TargetContext): Promise<Buffer> {
  const part = new URL(url);
  part.pathname += suffix;
  try {
    return await fetchAnswer({ name: 'the lock file of prebuilt artifacts', urls: [part.href], limit: LIMIT }, context);
  } catch (cause) {
    if (!(cause instanceof BuildError) || cause.code !== 'SOURCE_GONE') throw cause;
    if (suffix === '') throw new BuildError('PREBUILT_LOCK_GONE', `${url}: the server has no such file`, { cause, hint: 'Correct "prebuiltUrl" in nx.json.' });
    throw new BuildError('PREBUILT_UNSIGNED', `${url}: the lock file is not signed: the server has no ${part.href}`, {
      cause,
      hint: 'Ask the publisher to sign it: README.md of @container-os/prebuilt says how. Do not use a lock file that nobody vouches for.',
    });
  }
}

/** A server, or who can speak for it, may still have what was signed long ago. @throws BuildError PREBUILT_OLDER */
function requireNewer({ serial: now }: PrebuiltLock, before: PrebuiltLock | undefined, url: string, file: string): void {
  const least = (before?.serial ?? 0) + 1;
  if (now !== undefined && now >= least) return;
  throw new BuildError('PREBUILT_OLDER', `${url}: expected a lock file with serial ${least} or more, got ${now ?? 'none'}; ${file} stays as it is`, {
    hint: `The publisher gives each lock file a higher number: nx run base-vm:prebuild --serial=<number>
         To go back on purpose, restore ${file} from version control.`,
  });
}

/** In one rename. */
async function replaceFile(file: string, bytes: Buffer): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(partial, bytes);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}
