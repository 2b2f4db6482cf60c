import { BuildError, defineExecutor, exists, sha256File, type BuildContext, type ManifestInput } from '@container-os/core';
import { fetchFile, isOffline, mirrorBases, requireStored, storePath } from '@container-os/sources';
import { chmod, copyFile, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LockedFile, LockedManifest } from '../lock.ts';
import { filesOfPackage } from './package.ts';
import type { PrebuiltOptions } from './schema.d.ts';

interface PrebuiltPlan {
  packageName: string;
  origin: string | undefined;
  recipe: string;
  files: LockedFile[];
  manifest: LockedManifest;
}

/**
 * Takes an artifact as it was built before, from the installed package, the user's store, a mirror or the lock's origin. Every file is verified
 * after it was copied, and only then is there an artifact.
 */
export default defineExecutor<PrebuiltOptions, PrebuiltPlan>({ plan: planPrebuilt, run: takePrebuilt });

/** @throws BuildError PREBUILT_MISSING, PREBUILT_CONFIGURATION */
function planPrebuilt(
  { package: packageName, origin, recipe = '', files, manifest, configuration }: PrebuiltOptions,
  { target }: { target: string },
): PrebuiltPlan {
  if (configuration !== undefined)
    throw new BuildError('PREBUILT_CONFIGURATION', `${target} is another one in configuration ${configuration}, which is not prebuilt`, { hint: FROM_SOURCE });
  if (!files || !manifest)
    throw new BuildError('PREBUILT_MISSING', `the workspace has no lock file of prebuilt artifacts that names ${target}: ${packageName} is not installed`, {
      hint: `Install it: npm install --save-dev ${packageName}\n         ${FROM_URL}\n         ${FROM_SOURCE}`,
    });
  return { packageName, origin, recipe, files, manifest: manifest as unknown as LockedManifest };
}

const FROM_URL = 'If nx.json has "prebuiltUrl", get the lock file from there: nx run base-vm:update-prebuilt';

const FROM_SOURCE =
  'Build from source instead: x-os: { sources: source } in the compose.yaml, or "sources": "source" among the options of the plugin in nx.json.';

async function takePrebuilt({ packageName, origin, recipe, files, manifest }: PrebuiltPlan, context: BuildContext): Promise<ManifestInput> {
  const installed = filesOfPackage(packageName, context.workspaceRoot);
  const missing: LockedFile[] = [];
  for (const file of files) if (installed === undefined || !(await exists(join(installed, file.sha256)))) missing.push(file);
  const told = missing.map((file) => ({ ...file, origin: `${origin ?? ''}/${file.sha256}` }));
  // All that is missing in one message.
  if (isOffline()) await requireStored(told);
  for (const file of files) {
    const from = missing.includes(file) ? await fetchMissing(file, { packageName, origin, installed }, context) : join(installed ?? '', file.sha256);
    await take(from, file, join(context.out, file.name));
  }
  const { toolchain, name, version, licence, sources, details } = manifest;
  return { name, version, licence, sources, details: { ...details, prebuilt: { recipe, toolchain } } };
}

/** From the store, a mirror or the origin. */
async function fetchMissing(
  file: LockedFile,
  { packageName, origin, installed }: { packageName: string; origin: string | undefined; installed: string | undefined },
  context: BuildContext,
): Promise<string> {
  const bases = [...mirrorBases(), ...(origin === undefined ? [] : [origin])];
  const place = installed === undefined ? `${packageName} is not installed` : `${installed} does not have it`;
  const gone = (cause?: unknown): BuildError =>
    new BuildError('PREBUILT_MISSING', `${file.name} (sha256 ${file.sha256}): ${place}${bases.map((base) => `, nor does ${base}`).join('')}`, {
      cause,
      hint: `Install the package again (npm ci), or name a mirror: CONTAINER_OS_MIRROR=<URL> serves <URL>/<sha256>.\n         ${FROM_SOURCE}`,
    });
  const last = bases.at(-1);
  if (last === undefined && !(await exists(storePath(file.sha256)))) throw gone();
  try {
    return await fetchFile({ ...file, origin: `${last ?? 'https://localhost'}/${file.sha256}` }, context);
  } catch (error) {
    if (error instanceof BuildError && (error.code === 'SOURCE_GONE' || last === undefined)) throw gone(error);
    throw error;
  }
}

/** @throws BuildError PREBUILT_DAMAGED when the copy is not what the lock names */
async function take(from: string, { name, size, sha256 }: LockedFile, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  // npm has its own idea of modes.
  await chmod(to, 0o644);
  const [actualSize, actual] = [(await stat(to)).size, await sha256File(to)];
  if (actualSize === size && actual === sha256) return;
  throw new BuildError(
    'PREBUILT_DAMAGED',
    `${name}: expected ${size} bytes with sha256 ${sha256}, got ${actualSize} bytes with sha256 ${actual} from ${from}`,
    { hint: 'Install the package again: npm ci. If it stays so, the package does not belong to its lock file.' },
  );
}
