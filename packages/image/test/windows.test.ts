// The inference on Windows: node:path is that of Windows, and the files are those of a map.
import type * as Path from 'node:path';
import { expect, it, vi } from 'vitest';
import { nativePath, posixPath } from '../src/infer/texts.ts';

vi.mock('node:path', async (original) => {
  const { win32, posix } = await original<typeof Path>();
  return { ...win32, win32, posix, default: win32 };
});

const { readImage } = await import('../src/infer/definition.ts');

const FILES: Record<string, string> = {
  'C:\\shop\\os-images\\web\\compose.yaml': `
include: [../common/compose.yaml]
services:
  web:
    image: nginx:1.27
    env_file: web.env
    environment: { PORT: "\${PORT}" }
    volumes: ["./site:/usr/share/nginx/html:ro"]
    x-os: { patches: [patch.json] }
  api:
    build: ../../apps/api
    x-os: { build: buildah }
x-os: {}
`,
  'C:\\shop\\os-images\\web\\.env': 'PORT=8080\n',
  'C:\\shop\\os-images\\web\\web.env': 'A=b\n',
  'C:\\shop\\os-images\\common\\compose.yaml': 'services: { log: { image: "busybox:1.37", volumes: ["./x:/x:ro"] } }\n',
  'C:\\shop\\os-images\\web\\site\\index.html': '',
  'C:\\shop\\apps\\api\\Dockerfile': 'FROM alpine:3\n',
};

it('finds the same image as elsewhere, with paths of / in what it tells Nx', () => {
  // As Node reads files there: with a drive, and either separator.
  const read = (path: string): string | undefined => FILES[nativePath(path).replaceAll('/', '\\')];
  const root = posixPath('C:\\shop');
  const image = readImage(`${root}/os-images/web/compose.yaml`, root, { asked: {}, read, variable: () => undefined });
  expect({ root: image?.root, file: image?.file }).toEqual({ root: 'os-images/web', file: 'compose.yaml' });
  expect(image?.services['web']?.variables).toEqual(['A', 'PORT']);
  expect(image?.services['web']?.binds).toEqual(['./site']);
  expect(image?.services['log']?.binds).toEqual(['../common/x']);
  expect(image?.services['api']?.built).toMatchObject({ options: { context: '../../apps/api' }, images: ['alpine:3'] });
});

it('a path of another system is what it is', () => {
  expect([posixPath('/work/C:/x'), nativePath('/work/C:/x')]).toEqual(['/work/C:/x', '/work/C:/x']);
});
