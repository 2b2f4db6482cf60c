import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import type { Row } from './rows.ts';

/** Makes a directory with one stack of what these rows ask, of all their images. */
export function shortStack(directory: string, rows: readonly Row[]): void {
  mkdirSync(directory);
  const images = [...new Set(rows.map(({ image }) => image))].map((image) => {
    const from = join(import.meta.dirname, image);
    cpSync(from, directory, { recursive: true });
    // In this schema each scalar stays as it is written.
    const stack = parseDocument(readFileSync(join(from, 'stack.yaml'), 'utf8'), { schema: 'failsafe' });
    keep(
      stack,
      rows.filter((row) => row.image === image).map(({ ask }) => ask),
    );
    return stack;
  });
  const [first, ...others] = images;
  if (!first) throw new Error('no rows');
  first.set('name', 'short');
  for (const key of ['services', 'configs', 'secrets', 'volumes', 'networks'])
    for (const map of others.flatMap((other) => mapOf(other, key) ?? [])) {
      const all = mapOf(first, key);
      if (all) all.items.push(...map.items);
      else first.set(key, map);
    }
  writeFileSync(join(directory, 'stack.yaml'), String(first));
}

/** Leaves the services that a question names, and those that they name. */
function keep(stack: Document, questions: readonly string[]): void {
  const services = mapOf(stack, 'services');
  if (!services) return;
  const wanted = questions.join(' ').split(/[^\w]+/);
  for (const name of wanted) wanted.push(...(isMap(services.get(name)) ? namesIn(services.get(name) as YAMLMap) : []));
  services.items = services.items.filter(({ key }) => isScalar(key) && wanted.includes(String(key.value)));
}

function namesIn(service: YAMLMap): string[] {
  return ['depends_on', 'links', 'network_mode'].flatMap((key) => JSON.stringify(service.get(key) ?? '').match(/\w+/g) ?? []);
}

function mapOf(document: Document, key: string): YAMLMap | undefined {
  const map = document.get(key);
  return isMap(map) ? map : undefined;
}
