import { load, type Loaded } from '@container-os/compose-file';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an option says of the Compose file that has the values. */
export interface ComposeFile {
  file: string;
  /** Variables of the process environment that the file uses. */
  inherited?: string[];
}

/**
 * Reads the Compose file of an image again: its values are in no option.
 *
 * @throws BuildError what compose's `load` throws
 */
export function readComposeFile({ file, inherited = [] }: ComposeFile, { workspaceRoot, root }: { workspaceRoot: string; root: string }): Loaded {
  // eslint-disable-next-line no-restricted-syntax -- the image names them, and the hash has what they reach
  const given = new Map(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const])));
  return load({ files: { read }, root: workspaceRoot, paths: [join(workspaceRoot, root, file)], environment: given });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
