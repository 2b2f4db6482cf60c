import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { serviceOfDirectory, withService, writePage, type NewService } from '../container/add-container.ts';
import { readApp, serviceOfApp } from '../container/app.ts';
import { reporting } from '../reporting.ts';
import { schemaLine } from '../write.ts';
import { imageFrom } from './from.ts';
import { placeOf, type ImagePlace } from './place.ts';
import type { ImageGeneratorOptions } from './schema.d.ts';
import { writeImage } from './write-image.ts';

/**
 * Writes an image: of the user's Compose files, of a project of the workspace, or with one container, which answers on port 8080.
 *
 * @throws BuildError NAME_INVALID, NAME_TAKEN, OPTIONS_INVALID, those of imageFrom, readApp and serviceOfApp
 * @example npx nx g @container-os/image:image os/edge --from compose.yaml
 */
export default reporting<ImageGeneratorOptions>(async (tree: Tree, { directory, from = [], copy, app, base, port, command }) => {
  checkOptions({ from: from.length > 0, copy, app, base, port, command });
  const place = placeOf(tree, directory);
  const { root, name, file } = place;
  const built: string[] = [];
  if (from.length > 0) built.push(...imageFrom(tree, place, from, copy ?? false));
  else if (app !== undefined) {
    const found = await readApp(app);
    const service = serviceNameOf(found.project);
    const written = serviceOfApp(tree, place, service, found, { base, port, command });
    writeImage(tree, place, { [file]: newImage(place, service, written, '{}') });
    if ('build' in written) built.push(service);
  } else if (!tree.exists(file)) {
    writeImage(tree, place, { [file]: newImage(place, 'web', serviceOfDirectory('./web', 80, 8080), '{ console: { shell: true } }') });
    writePage(tree, `${root}/web`, 'web');
  }
  return [
    `npx nx run ${name}:iso        makes dist/${root}/${name}.iso`,
    `npx nx run ${name}:run        boots it in this terminal`,
    `npx nx run ${name}:qemu-test  checks it`,
    ...(built.length > 0 ? [`buildah builds ${built.join(', ')}: npx nx run ${name}:update-sources locks what their Dockerfiles begin with`] : []),
  ];
});

/** @throws BuildError OPTIONS_INVALID */
function checkOptions({ from, app, copy, ...ofApp }: Record<string, unknown>): void {
  const refuse = (reason: string, hint: string): never => {
    throw new BuildError('OPTIONS_INVALID', reason, { hint });
  };
  if (from && app !== undefined) refuse('--from and --app are both given', 'Begin with one. npx nx g @container-os/image:container adds the other.');
  if (copy && !from) refuse('--copy says how the file of --from gets into the image, and there is no --from', 'Name the file: --from compose.yaml --copy.');
  const [lonely] = Object.entries(ofApp).flatMap(([option, value]) => (value !== undefined && app === undefined ? [option] : []));
  if (lonely) refuse(`--${lonely} is about the application of --app, and there is no --app`, `Name a project: --app api --${lonely} ${String(ofApp[lonely])}.`);
}

/** Of `@acme/api`: api. */
export function serviceNameOf(project: string): string {
  return project
    .replace(/^.*\//, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function newImage({ root, name, file }: ImagePlace, service: string, keys: NewService, xOs: string): string {
  return withService(`${schemaLine(root)}name: ${name}\nservices:\nx-os: ${xOs}\n`, file, service, keys) ?? '';
}
