import type { Tree } from '@nx/devkit';
import { BuildError } from '@container-os/core/errors';
import { addContainer } from '../container/add-container.ts';
import { reporting } from '../reporting.ts';
import { schemaLine, write } from '../write.ts';
import { imageFrom } from './from.ts';
import { placeOf } from './place.ts';
import type { ImageGeneratorOptions } from './schema.d.ts';

/**
 * Writes an image: of the user's Compose files, or with one container, which answers on port 8080. A folder that is an image already is left as it is.
 *
 * @throws BuildError NAME_INVALID, NAME_TAKEN, OPTIONS_INVALID, those of imageFrom
 * @example npx nx g @container-os/image:image os/edge --from compose.yaml
 */
export default reporting<ImageGeneratorOptions>((tree: Tree, { directory, from = [], copy = false }) => {
  const place = placeOf(tree, directory);
  const { root, name, file } = place;
  if (copy && from.length === 0)
    throw new BuildError('OPTIONS_INVALID', '--copy says how the file of --from gets into the image, and there is no --from', {
      hint: 'Name the file: --from compose.yaml --copy.',
    });
  const built = from.length > 0 ? imageFrom(tree, place, from, copy) : [];
  if (from.length === 0) {
    if (!tree.exists(file)) write(tree, file, `${schemaLine(root)}name: ${name}\nservices:\nx-os:\n  console: { shell: true }\n`);
    addContainer(tree, file, 'web', { port: 80, published: 8080 });
  }
  return [
    `npx nx run ${name}:iso        makes dist/${root}/${name}.iso`,
    `npx nx run ${name}:run        boots it in this terminal`,
    `npx nx run ${name}:qemu-test  checks it`,
    ...(built.length > 0 ? [`buildah builds ${built.join(', ')}: npx nx run ${name}:update-sources locks what their Dockerfiles begin with`] : []),
  ];
});
