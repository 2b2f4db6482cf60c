import { readImageText, run, type BuildContext } from '@container-os/core';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKconfig } from './definitions.ts';
import { mergeFragments, parseConfig, parseFragment, type Request } from './fragment.ts';
import { requireSurvival } from './survival.ts';
import { readTreeVersion } from './tree-version.ts';

/** How a kbuild tree is configured: a base, then fragments in order. */
export interface ConfigureOptions {
  /** A make target such as `x86_64_defconfig`, or a file of the image (it has a slash or a dot). */
  base: string;
  fragments: readonly string[];
  allow: Readonly<Record<string, string>>;
  /** The make target that fills in defaults: `olddefconfig`, or `oldconfig` with empty answers. */
  finish: 'olddefconfig' | 'oldconfig';
}

export interface Configured {
  requests: Request[];
  /** Those whose symbols this tree rightly lacks; see {@link requireSurvival}. */
  absent: Request[];
  /** The whole `.config`. */
  config: string;
}

/**
 * Configures `tree` in `build` (make's O=) and checks that every symbol that a file of the image asked
 * for survived.
 *
 * @throws BuildError those of requireSurvival and parseFragment, FILE_MISSING, COMMAND_FAILED.
 */
export async function configure(tree: string, build: string, options: ConfigureOptions, context: BuildContext): Promise<Configured> {
  const { base, fragments, allow, finish } = options;
  const { log, logFile, signal } = context;
  const isFile = /[./]/.test(base);
  const read = async (option: string, file: string): Promise<Request[]> => parseFragment(await readImageText(file, option, context), file);
  const requests = mergeFragments(await Promise.all([...(isFile ? [read('base', base)] : []), ...fragments.map((one) => read('fragments', one))]));
  const file = join(build, '.config');
  // A handful of host programs: not worth a launcher.
  const compiler = ['CC=gcc', 'HOSTCC=gcc'];
  const kbuild = (target: string, more: string[] = []): Promise<unknown> =>
    run(['make', `--directory=${tree}`, `O=${build}`, ...compiler, ...more, target], { logFile, signal, capture: false, input: '\n'.repeat(5000) });
  return log.step('configure', async () => {
    if (isFile && finish === 'olddefconfig') {
      // KCONFIG_ALLCONFIG: everything the file does not name is off, as in kbuild's own tinyconfig.
      await writeFile(join(build, 'base.config'), render(requests));
      await kbuild('allnoconfig', [`KCONFIG_ALLCONFIG=${join(build, 'base.config')}`]);
    } else if (!isFile) await kbuild(base);
    await writeFile(file, withRequests(isFile && finish === 'oldconfig' ? '' : await readFile(file, 'utf8'), requests));
    await kbuild(finish);
    const config = await readFile(file, 'utf8');
    const [definitions, version] = [await readKconfig(tree, build), await readTreeVersion(tree)];
    const absent = requireSurvival({ requests, actual: parseConfig(config), allow, definitions, version });
    return { requests, absent, config };
  });
}

/** Requests replace the base's lines, so that each symbol is set once. */
function withRequests(base: string, requests: readonly Request[]): string {
  const requested = new Set(requests.map(({ symbol }) => symbol));
  const kept = base.split('\n').filter((line) => !requested.has(/^(?:# )?(CONFIG_\w+)/.exec(line)?.[1] ?? ''));
  return `${kept.join('\n')}\n${render(requests)}`;
}

function render(requests: readonly Request[]): string {
  return requests.map(({ symbol, value }) => (value === 'n' ? `# ${symbol} is not set\n` : `${symbol}=${value}\n`)).join('');
}
