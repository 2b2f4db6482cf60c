import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { isMap, parseDocument, Scalar, type YAMLMap } from 'yaml';
import { write } from '../write.ts';

/** A service as Compose writes it. */
export type NewService = Record<string, unknown>;

/**
 * Adds a service to a Compose file, whose comments and order stay. A service that is there is left as it is.
 *
 * @returns whether the service is new
 * @throws BuildError NAME_INVALID, FILE_INVALID
 */
export function addContainer(tree: Tree, file: string, name: string, service: NewService): boolean {
  const text = withService(tree.read(file, 'utf8') ?? '', file, name, service);
  if (text !== undefined) write(tree, file, text);
  return text !== undefined;
}

/** The text of a Compose file with a service more; undefined where the service is there. @throws BuildError as addContainer */
export function withService(text: string, file: string, name: string, service: NewService): string | undefined {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    throw new BuildError('NAME_INVALID', `service ${JSON.stringify(name)}: expected 1 to 63 lower-case letters, digits and inner hyphens`, {
      hint: 'Give another name.',
    });
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new BuildError('FILE_INVALID', `${file}: ${fault.message}`, { hint: 'Correct the file.' });
  const services: unknown = document.get('services');
  if (isMap(services) && services.has(name)) return undefined;
  const { ports, ...keys } = service as { ports?: readonly string[] };
  const node: YAMLMap = document.createNode<object>(keys);
  if (ports) node.set('ports', document.createNode(ports.map(quoted)));
  for (const key of ['x-os', 'command', 'ports', 'environment', 'volumes']) flow(node.get(key, true));
  if (isMap(services)) services.set(name, node);
  else document.set('services', document.createNode({ [name]: node }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** A service of an OCI image. */
export function serviceOfImage(image: string, port?: number): NewService {
  return { image, ...published(port) };
}

/**
 * A service of BusyBox and a folder with its files, which serves the folder on a port, or waits.
 *
 * @param directory of the files, relative to that of the Compose file
 */
export function serviceOfDirectory(directory: string, port?: number, publishedPort = port): NewService {
  return {
    // The same for Docker.
    build: { context: directory, dockerfile_inline: 'FROM busybox\nCOPY . /\n' },
    'x-os': { rootfs: ['busybox', directory] },
    command: port === undefined ? ['sleep', 'infinity'] : ['httpd', '-f', '-p', String(port), '-h', '/srv'],
    ...published(port, publishedPort),
  };
}

/** A page, for a folder that is not there yet. */
export function writePage(tree: Tree, directory: string, name: string): void {
  if (!tree.exists(directory)) write(tree, `${directory}/srv/index.html`, `<!doctype html>\n<title>${name}</title>\n<p>Hello from ${name}.</p>\n`);
}

export function published(port?: number, publishedPort = port): NewService {
  return port === undefined ? {} : { ports: [`${publishedPort}:${port}`] };
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
