import { BuildError } from '@container-os/core/errors';
import { createProjectGraphAsync, type Tree } from '@nx/devkit';
import { posix } from 'node:path';
import { reporting } from '../reporting.ts';
import { addContainer, serviceOfDirectory, serviceOfImage, writePage, type NewService } from './add-container.ts';
import { readApp, serviceOfApp } from './app.ts';
import type { ContainerGeneratorOptions } from './schema.d.ts';

/**
 * Adds a service to the compose.yaml of an image, whose comments and order stay. A service that is there is left as it is.
 *
 * @throws BuildError IMAGE_MISSING, OPTIONS_INVALID, NAME_INVALID, FILE_INVALID, those of readApp and serviceOfApp
 * @example npx nx g @container-os/image:container mail --image shop
 */
export default reporting<ContainerGeneratorOptions>(async (tree: Tree, options) => {
  const { name, image, from, directory, app } = options;
  // The project is inferred: the tree alone does not have it.
  const root = (await createProjectGraphAsync()).nodes[image]?.data.root ?? image;
  const file = posix.join(root, 'compose.yaml');
  if (!tree.exists(file)) {
    throw new BuildError('IMAGE_MISSING', `there is no image "${image}": no project of that name has a compose.yaml`, {
      hint: 'Name an image; npx nx show projects lists all projects.',
    });
  }
  const given = Object.entries({ from, directory, app }).flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`]));
  if (given.length > 1)
    throw new BuildError('OPTIONS_INVALID', `${given.join(' and ')} each say what the container is made of`, { hint: 'Leave out all but one.' });
  const place = posix.join(root, name);
  addContainer(tree, file, name, await serviceOf(tree, { root, name: image, file }, options));
  if (given.length === 0) writePage(tree, place, name);
  return [
    `npx nx run ${image}:bundle-${name}  builds the container`,
    ...(from === undefined ? [] : [`npx nx run ${image}:update-sources  locks what ${from} names now`]),
  ];
});

async function serviceOf(
  tree: Tree,
  place: Parameters<typeof serviceOfApp>[1],
  { name, from, directory, app, base, port, command }: ContainerGeneratorOptions,
): Promise<NewService> {
  if (app !== undefined) return serviceOfApp(tree, place, name, await readApp(app), { base, port, command });
  if (from !== undefined) return serviceOfImage(from, port);
  if (directory === undefined) return serviceOfDirectory(`./${name}`, port);
  if (!tree.exists(directory))
    throw new BuildError('DIRECTORY_MISSING', `--directory ${directory}: the workspace has no such directory`, {
      hint: "Name it from the workspace's root, such as apps/site/root. Without --directory, the image gets a new one.",
    });
  const relative = posix.relative(place.root, directory);
  return serviceOfDirectory(relative.startsWith('.') ? relative : `./${relative}`, port);
}
