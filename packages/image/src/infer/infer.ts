import { formatError } from '@container-os/core/errors';
import { DigestMemory } from '@container-os/core/hash/memory';
import { moduleGraph } from '@container-os/core/hash/modules';
import type { ProjectConfiguration } from '@nx/devkit';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseProject, readBase } from './base.ts';
import { readImage } from './definition.ts';
import { imageProject } from './image.ts';
import { pluginReader } from './plugins.ts';
import type { PrebuiltOptions } from './prebuilt.ts';
import { nativePath, posixPath, readTexts, type Texts } from './texts.ts';

/** What a compose.yaml makes of the graph. */
export interface Inferred {
  /** By root; none where the file has no x-os. */
  projects: Record<string, ProjectConfiguration>;
  /** sha256 by path, relative to the workspace, of every file that it was made of; null for one that was not there. */
  read: Readonly<Record<string, string | null>>;
  /** For the user, each with its place. */
  warnings: readonly string[];
}

/** Options of the plugin in nx.json. */
export interface PluginOptions {
  /** Before the names of an image's targets in a folder with a package.json, whose scripts are targets too. Default: `os-`. */
  targetPrefix?: string;
  /** Where the base's artifacts come from: as the installed lock file names them, or compiled here. Default: `prebuilt`. */
  sources?: 'prebuilt' | 'source';
  /** A lock file of the workspace that names the prebuilt artifacts, in place of the one in the installed package. */
  prebuiltLock?: string;
  /** Where `nx run base-vm:update-prebuilt` gets that file, by https; `prebuiltLock` is then `prebuilt.lock.json` unless it says otherwise. */
  prebuiltUrl?: string;
  /** The fingerprint of the key that has signed it. */
  prebuiltKey?: string;
}

/**
 * The projects of a compose.yaml: the image, and its base. A pure function of the texts of the files that it reads: no process, no
 * environment but the variables that `x-os.environment` names.
 *
 * @throws Error whose message has the place in the file, what was expected, and what to do
 */
export function infer(file: string, workspaceRoot: string, { targetPrefix = 'os-', sources = 'prebuilt', ...prebuilt }: PluginOptions = {}): Inferred {
  const texts = readTexts();
  for (const module of codeOf(workspaceRoot)) texts.read(module);
  const { projects, warnings } = inferFrom(file, workspaceRoot, texts, targetPrefix, { sources, ...prebuilt });
  return {
    projects,
    warnings,
    read: Object.fromEntries(
      Object.entries(texts.asked).map(([name, sha256]) => [name.startsWith('$') ? name : relative(workspaceRoot, nativePath(name)), sha256]),
    ),
  };
}

/** What runs here is read as well: another version of it may infer otherwise. */
function codeOf(workspaceRoot: string): string[] {
  const entry = fileURLToPath(new URL('../../plugin.mjs', import.meta.url));
  return [entry, ...moduleGraph(fileURLToPath(import.meta.url), workspaceRoot, new DigestMemory(workspaceRoot)).modules];
}

/** As {@link infer}, of these texts. */
export function inferFrom(
  file: string,
  workspaceRoot: string,
  texts: Texts,
  targetPrefix: string,
  options: PrebuiltOptions = { sources: 'source' },
): Pick<Inferred, 'projects' | 'warnings'> {
  const root = posixPath(workspaceRoot);
  try {
    const image = readImage(`${root}/${file}`, root, texts);
    if (!image) return { projects: {}, warnings: [] };
    const prefix = texts.read(join(workspaceRoot, image.root, 'package.json')) === undefined ? '' : targetPrefix;
    const plugin = pluginReader(workspaceRoot, texts);
    const base = readBase(image, workspaceRoot, texts, options);
    const projects = { [base.root]: baseProject(base, image.xOs.sources ?? base.sources, plugin), [image.root]: imageProject(image, base, plugin, prefix) };
    return { projects, warnings: image.warnings };
  } catch (error) {
    throw new Error(formatError(error).replaceAll(`${root}/`, ''), { cause: error });
  }
}
