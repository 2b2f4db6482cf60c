import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferFrom } from '../src/infer/infer.ts';
import type { PrebuiltOptions } from '../src/infer/prebuilt.ts';

const root = join(import.meta.dirname, '../../..');
export const BASE = 'packages/image/bases/vm';

/** The projects of os-images/shop/compose.yaml with this text, and of further files. */
export function infer(compose: string, files: Record<string, string> = {}, options?: PrebuiltOptions): Record<string, ProjectConfiguration> {
  return inferred(compose, files, options).projects;
}

export function inferred(compose: string, files: Record<string, string> = {}, options?: PrebuiltOptions): ReturnType<typeof inferFrom> {
  const own = new Map(Object.entries({ 'os-images/shop/compose.yaml': compose, ...files }).map(([path, text]) => [join(root, path), text]));
  const read = (path: string): string | undefined => {
    if (own.has(path) || path.startsWith(join(root, 'os-images/shop'))) return own.get(path);
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  };
  return inferFrom('os-images/shop/compose.yaml', root, { read, variable: (name) => process.env[name], asked: {} }, 'os-', options);
}

export function shop(compose: string, files: Record<string, string> = {}): Record<string, TargetConfiguration> {
  const targets = infer(compose, files)['os-images/shop']?.targets;
  if (!targets) throw new Error('no image');
  return targets;
}

export const WEB = "services:\n  web: { image: web, x-os: { rootfs: [busybox, ./web] }, command: [httpd, -f], ports: ['8080:80'] }\n";
