import type { Tree } from '@nx/devkit';
import { BuildError } from '@container-os/core/errors';
import { basename, posix } from 'node:path';
import { addContainer } from '../container/add-container.ts';
import { reporting } from '../reporting.ts';
import { schemaLine, write } from '../write.ts';
import type { ImageGeneratorOptions } from './schema.d.ts';

/**
 * Writes an image with one container, which answers on port 8080. A folder that is an image already is left as it is.
 *
 * @throws BuildError NAME_INVALID
 * @example npx nx g @container-os/image:image shop
 */
export default reporting<ImageGeneratorOptions>((tree: Tree, { directory }) => {
  const root = directory.includes('/') ? posix.normalize(directory).replace(/\/$/, '') : `os-images/${directory}`;
  const name = basename(root);
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || root.startsWith('..'))
    throw new BuildError(
      'NAME_INVALID',
      `image ${JSON.stringify(directory)}: expected a folder whose name is 1 to 63 lower-case letters, digits and inner hyphens`,
      {
        hint: 'Give another name, such as os-images/shop.',
      },
    );
  const file = `${root}/compose.yaml`;
  if (!tree.exists(file)) write(tree, file, `${schemaLine(root)}name: ${name}\nservices:\nx-os:\n  console: { shell: true }\n`);
  addContainer(tree, file, 'web', { port: 80, published: 8080 });
  return [
    `npx nx run ${name}:iso        makes dist/${root}/${name}.iso`,
    `npx nx run ${name}:run        boots it in this terminal`,
    `npx nx run ${name}:qemu-test  checks it`,
  ];
});
