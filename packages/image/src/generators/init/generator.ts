import { readNxJson, updateNxJson, type Tree } from '@nx/devkit';
import { reporting } from '../reporting.ts';
import type { InitGeneratorOptions } from './schema.d.ts';

const PLUGIN = '@container-os/image/plugin';

/** What nx writes and nobody commits, with the lines of a .gitignore that exclude each already. */
const IGNORED = {
  dist: /^\/?dist\/?\r?$/m,
  '.nx/cache': /^\/?\.nx(\/cache)?\/?\r?$/m,
  '.nx/workspace-data': /^\/?\.nx(\/workspace-data)?\/?\r?$/m,
};

/**
 * Registers the plugin in nx.json, and has git ignore what is built. What is there already stays as it is.
 *
 * @example npx nx g @container-os/image:init
 */
export default reporting<InitGeneratorOptions>((tree: Tree) => {
  const nx = readNxJson(tree) ?? {};
  const plugins = nx.plugins ?? [];
  if (!plugins.some((one) => (typeof one === 'string' ? one : one.plugin) === PLUGIN)) updateNxJson(tree, { ...nx, plugins: [...plugins, PLUGIN] });
  const text = tree.read('.gitignore', 'utf8') ?? '';
  const missing = Object.entries(IGNORED).flatMap(([path, line]) => (line.test(text) ? [] : [path]));
  if (missing.length > 0) tree.write('.gitignore', `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`);
  return [
    'npx nx g @container-os/image:image os/edge --from compose.yaml  makes an image of a Compose file',
    'npx nx g @container-os/image:image os/edge                      makes an image to begin with',
  ];
});
