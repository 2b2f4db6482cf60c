import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { dirname } from 'node:path';
import { isMap, parseDocument, Scalar, type YAMLMap } from 'yaml';
import { write } from '../write.ts';

export interface NewContainer {
  /** A port that the container serves on, and that of the OS. */
  port?: number | undefined;
  published?: number | undefined;
  /** Its OCI image. */
  from?: string | undefined;
}

/**
 * Adds a service to a Compose file: one of an OCI image; or one of BusyBox and a folder for its files, which serves this folder on a port, or
 * waits. A service that is there is left as it is.
 *
 * @throws BuildError NAME_INVALID, FILE_INVALID
 */
export function addContainer(tree: Tree, file: string, name: string, { port, published, from }: NewContainer): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    throw new BuildError('NAME_INVALID', `service ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, {
      hint: 'Give another name.',
    });
  const document = parseDocument(tree.read(file, 'utf8') ?? '');
  const [fault] = document.errors;
  if (fault) throw new BuildError('FILE_INVALID', `${file}: ${fault.message}`, { hint: 'Correct the file.' });
  const services: unknown = document.get('services');
  if (isMap(services) && services.has(name)) return;
  const command = port === undefined ? ['sleep', 'infinity'] : ['httpd', '-f', '-p', String(port), '-h', '/srv'];
  const ofBusybox = {
    // The same for Docker.
    build: { dockerfile_inline: `FROM busybox\nCOPY ${name} /\n` },
    'x-os': { rootfs: ['busybox', `./${name}`] },
    command,
  };
  const service: YAMLMap = document.createNode<object>(from === undefined ? ofBusybox : { image: from });
  if (port !== undefined) service.set('ports', document.createNode([quoted(`${published ?? port}:${port}`)]));
  for (const key of ['x-os', 'command', 'ports']) flow(service.get(key, true));
  if (isMap(services)) services.set(name, service);
  else document.set('services', document.createNode({ [name]: service }));
  write(tree, file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  if (from !== undefined) return;
  const page = `${dirname(file)}/${name}/srv/index.html`;
  if (!tree.exists(page)) write(tree, page, `<!doctype html>\n<title>${name}</title>\n<p>Hello from ${name}.</p>\n`);
}

/** Some readers take 22:22 without quotes for a number of base 60. */
function quoted(value: string): Scalar {
  const scalar = new Scalar(value);
  scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}

/** On one line, as people write short lists. */
function flow(node: unknown): void {
  if (typeof node === 'object' && node !== null && 'items' in node) (node as YAMLMap).flow = true;
}
