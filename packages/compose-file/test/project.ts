import { load, type Loaded, type LoadOptions } from '../src/load/load.ts';

/** Loads files of the directory /w/shop; a text alone is that of compose.yaml. */
export function loadText(files: string | Record<string, string>, options: Partial<LoadOptions> = {}): Loaded {
  const texts = typeof files === 'string' ? { 'compose.yaml': files } : files;
  const byPath = new Map(Object.entries(texts).map(([path, text]) => [path.startsWith('/') ? path : `/w/shop/${path}`, text]));
  return load({ files: { read: (path) => byPath.get(path) }, root: '/w', paths: ['/w/shop/compose.yaml'], environment: new Map(), ...options });
}

/** The lines as a file with one service, `s`. */
export function service(...lines: string[]): string {
  return ['services:', '  s:', '    image: i', ...lines.map((line) => `    ${line}`), ''].join('\n');
}
