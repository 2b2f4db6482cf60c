import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { asPackage, dispatcher, findPlugins, packageName } from '../src/multicall.ts';

it('a program becomes a package whose function Main is called', () => {
  const files = { 'main.go': '// package main\npackage main\n\nfunc main() {\n\trun()\n}\n', 'dns.go': 'package main\n\nfunc mainly() {\n}\n' };
  expect(asPackage('host-local', files)).toEqual({
    'main.go': '// package main\npackage hostlocal\n\nfunc Main() {\n\trun()\n}\n',
    'dns.go': 'package hostlocal\n\nfunc mainly() {\n}\n',
  });
});

it.each([
  ['a file of another package', { 'a.go': 'package other\n' }, 'CNI_SOURCE_UNKNOWN', 'plugin bridge: a.go has no line "package main"'],
  ['no main', { 'a.go': 'package main\n' }, 'CNI_SOURCE_UNKNOWN', 'plugin bridge: 0 lines "func main() {" in a.go, expected one'],
  [
    'two of them',
    { 'a.go': 'package main\nfunc main() {\n}\nfunc main() {\n}\n' },
    'CNI_SOURCE_UNKNOWN',
    'plugin bridge: 2 lines "func main() {" in a.go, expected one',
  ],
])('refuses %s', (_, files, code, message) => {
  expect(() => asPackage('bridge', files as unknown as Record<string, string>)).toThrow(expect.objectContaining({ code, message }) as Error);
});

it('the program runs the plugin by whose name it is called', () => {
  const text = dispatcher(['bridge', 'host-local']);
  expect(text).toContain('\thostlocal "github.com/containernetworking/plugins/multicall/hostlocal"\n');
  expect(text).toContain('\tcase "host-local":\n\t\thostlocal.Main()\n');
  expect(packageName('host-local')).toBe('hostlocal');
});

it('plugins are the directories that have a program for Linux', async () => {
  const source = await mkdtemp(join(tmpdir(), 'cni-'));
  for (const file of [
    'main/bridge/bridge.go',
    'main/win-bridge/win_windows.go',
    'ipam/host-local/main.go',
    'meta/portmap/main.go',
    'meta/portmap/main_test.go',
    'meta/README.md',
    'main/only/only_test.go',
  ]) {
    await mkdir(dirname(join(source, 'plugins', file)), { recursive: true });
    await writeFile(join(source, 'plugins', file), '');
  }
  expect((await findPlugins(source)).map(({ name }) => name)).toEqual(['bridge', 'host-local', 'portmap']);
  await rm(source, { recursive: true });
});
