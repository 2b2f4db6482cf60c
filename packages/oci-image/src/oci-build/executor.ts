import { BuildError, defineExecutor, run, type BuildContext, type ManifestInput, type RunOptions } from '@container-os/core';
import type { Found } from '@container-os/core/walk';
import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { contentOf } from '../content-of.ts';
import { readImageLock } from '../lock.ts';
import { resolveImage } from '../pull.ts';
import { writeImageReceipt, type ImageReceipt } from '../receipt.ts';
import { hexOf } from '../reference.ts';
import { buildah, buildCommand, buildEnvironment, CONFIGURATION } from './buildah.ts';
import { hashedInputs, readBuildInputs } from './inputs.ts';
import { layoutOfDirectory, linkLayout } from './layout.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { OciBuildOptions } from './schema.d.ts';

/** Builds an image from a Dockerfile: an OCI layout, and image.json, its receipt. What comes after depends on the receipt alone. */
export default defineExecutor<OciBuildOptions, OciBuildOptions>({ recipe, content: hashedInputs, plan: (options) => options, run: buildImage });

async function buildImage(options: OciBuildOptions, context: BuildContext): Promise<ManifestInput> {
  const { workspaceRoot, imageRoot, out, scratch, log, logFile, signal, target } = context;
  const { text, images, files } = readBuildInputs(options, { workspaceRoot, root: relative(workspaceRoot, imageRoot) });
  const bases = await resolveBases(images, options, context);
  for (const directory of ['home', 'tmp', 'context']) await mkdir(join(scratch, directory));
  for (const [name, content] of Object.entries(CONFIGURATION)) await writeFile(join(scratch, name), content);
  await writeFile(join(scratch, 'Dockerfile'), text);
  await copyContext(files, join(scratch, 'context'));
  const how: RunOptions = { cwd: scratch, env: buildEnvironment(scratch), logFile, signal };
  const driver = await storageDriver(scratch, how);
  const storage = { scratch, driver };
  try {
    const names = await log.step('take images from the store', () => loadBases(bases, storage, context, how));
    const places = { ...storage, dockerfile: join(scratch, 'Dockerfile'), context: join(scratch, 'context'), runtime: await runtime(how), images: names };
    await log.step('buildah build', () => run(buildCommand(options, places), { ...how, capture: false }));
    const written = join(scratch, 'written');
    await run([...buildah(storage, 'push'), '--signature-policy', join(scratch, 'policy.json'), 'built', `dir:${written}`], { ...how, capture: false });
    await layoutOfDirectory(written, join(out, 'layout'));
  } finally {
    // The storage of a build that was ended has mounts, which a removal of the scratch directory would follow.
    await run([...buildah(storage, 'rm'), '--all'], { ...how, signal: new AbortController().signal }).catch(() => {});
    await rm(join(scratch, 'storage'), { recursive: true, force: true });
  }
  const receipt = await receiptOf(options, context);
  await writeImageReceipt(join(out, 'image.json'), receipt);
  log.info(`${target}: ${receipt.digest}, ${receipt.layers.length} layers; neither hermetic nor reproducible: see packages/oci-image/README.md`);
  return {
    name: target,
    version: receipt.digest,
    licence: 'NOASSERTION',
    sources: bases.map(({ name, digest }) => ({ name, version: digest, origin: name, sha256: hexOf(digest, name) })),
  };
}

/** Each image of the Dockerfile by the lock file: a build whose FROM moves would be another one with the same hash. */
async function resolveBases(images: readonly string[], { platform }: OciBuildOptions, context: BuildContext): Promise<ImageReceipt[]> {
  if (images.length === 0) return [];
  const { imageRoot, image: project } = context;
  const lock = await readImageLock(join(imageRoot, 'images.lock.json'));
  const resolved: ImageReceipt[] = [];
  for (const image of images) resolved.push(await resolveImage(image, { platform, lock, frozen: true, project, imageRoot }, context));
  return resolved;
}

async function copyContext(files: readonly Found[], destination: string): Promise<void> {
  for (const found of files) {
    const path = join(destination, found.path);
    await mkdir(found.type === 'directory' ? path : dirname(path), { recursive: true });
    if (found.type === 'symlink') await symlink(found.target, path);
    if (found.type === 'file') {
      await copyFile(found.file, path);
      await chmod(path, found.executable ? 0o755 : 0o644);
    }
    if (found.type === 'other')
      throw new BuildError('BUILD_CONTEXT_INVALID', `${found.file}: neither file, directory nor symlink, or a name that is not UTF-8`, {
        hint: 'Exclude it by .dockerignore.',
      });
  }
}

/** Puts the images into the storage. Returns those that stand for names with a digest, by that name. */
async function loadBases(
  bases: readonly ImageReceipt[],
  storage: { scratch: string; driver: 'overlay' | 'vfs' },
  context: BuildContext,
  how: RunOptions,
): Promise<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const [at, receipt] of bases.entries()) {
    const layout = `base-${at}`;
    await linkLayout(join(storage.scratch, layout), receipt, await contentOf(receipt.origin, context));
    // The path is the image's name, so that it is one from where the command runs.
    await run([...buildah(storage, 'pull'), '--quiet', '--signature-policy', join(storage.scratch, 'policy.json'), `oci:${layout}`], how);
    // A tag is found by name in the storage; a name with a digest could be of an index, which is not there.
    if (receipt.reference.includes('@')) names[receipt.reference] = `localhost/${layout}`;
    else await run([...buildah(storage, 'tag'), `localhost/${layout}`, receipt.name], how);
  }
  return names;
}

/** Layers as overlays, where this machine lets this user have them; as copies of all below elsewhere. */
async function storageDriver(scratch: string, how: RunOptions): Promise<'overlay' | 'vfs'> {
  const { exitCode } = await run(buildah({ scratch, driver: 'overlay' }, 'info'), { ...how, allow: [0, 1, 125] });
  return exitCode === 0 ? 'overlay' : 'vfs';
}

/** @throws BuildError HOST_TOOL_MISSING */
async function runtime(how: RunOptions): Promise<string> {
  for (const program of ['runc', 'crun'] as const) {
    try {
      await run([program, '--version'], how);
      return program;
    } catch (error) {
      if (!(error instanceof BuildError) || error.code !== 'HOST_TOOL_MISSING') throw error;
    }
  }
  throw new BuildError('HOST_TOOL_MISSING', 'neither "runc" nor "crun" found: buildah runs RUN with one of them', {
    hint: 'Install one: apt-get install runc',
  });
}

/** As `oci-images` writes it. The layout is named by where it will be. */
async function receiptOf({ platform }: OciBuildOptions, context: BuildContext): Promise<ImageReceipt> {
  const { imageRoot, out, target, workspaceRoot, image: project } = context;
  const local = `oci:./${relative(imageRoot, join(out, 'layout'))}`;
  const found = await resolveImage(local, { platform, lock: {}, frozen: true, project, imageRoot }, context);
  return { ...found, reference: target, name: target, origin: { layout: relative(workspaceRoot, join(context.artifact(target), 'layout')) } };
}
