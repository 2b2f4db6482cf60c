import { BuildError, run, type RunOptions } from '@container-os/core';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Import path of the plugins' sources. */
const PLUGINS = 'github.com/containernetworking/plugins';
/** Directory of the generated packages, below it. */
const MULTICALL = 'multicall';

/** A plugin's name, and its directory in the source. */
interface Plugin {
  name: string;
  directory: string;
}

/** The plugins of a source tree: each directory with Go files below `plugins/{main,ipam,meta}`. */
export async function findPlugins(source: string): Promise<Plugin[]> {
  const found: Plugin[] = [];
  for (const kind of ['ipam', 'main', 'meta']) {
    const directory = join(source, 'plugins', kind);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && (await readdir(path)).some((file) => /(?<!_windows|_test)\.go$/.test(file))) found.push({ name: entry.name, directory: path });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A plugin's name as a Go package name, which cannot have hyphens. */
export function packageName(plugin: string): string {
  return plugin.replaceAll(/[^a-z0-9]/g, '');
}

/**
 * Turns the files of a program into those of a package: `package main` becomes `package <name>`, and `func main()` becomes the
 * exported function `Main`.
 *
 * @throws BuildError CNI_SOURCE_UNKNOWN if the files do not look as expected.
 *
 * @example
 * asPackage('loopback', { 'loopback.go': 'package main\n\nfunc main() {\n}\n' }); // { 'loopback.go': 'package loopback\n\nfunc Main() {\n}\n' }
 */
export function asPackage(plugin: string, files: Readonly<Record<string, string>>): Record<string, string> {
  let mains = 0;
  const changed = Object.entries(files).map(([file, text]) => {
    const named = text.replace(/^package main$/m, `package ${packageName(plugin)}`);
    if (named === text) throw unknownSource(plugin, `${file} has no line "package main"`);
    return [file, named.replace(/^func main\(\) \{$/gm, () => (mains++, 'func Main() {'))];
  });
  if (mains !== 1) throw unknownSource(plugin, `${mains} lines "func main() {" in ${Object.keys(files).join(', ')}, expected one`);
  return Object.fromEntries(changed) as Record<string, string>;
}

function unknownSource(plugin: string, fault: string): BuildError {
  return new BuildError('CNI_SOURCE_UNKNOWN', `plugin ${plugin}: ${fault}`, {
    hint: 'Pin the earlier version of "cni-plugins", or adapt packages/cni-plugins/src/multicall.ts.',
  });
}

/** The Go source of a multicall program, which runs the plugin by whose name it is called. */
export function dispatcher(plugins: readonly string[]): string {
  const imports = plugins.map((name) => `\t${packageName(name)} "${PLUGINS}/${MULTICALL}/${packageName(name)}"\n`).join('');
  const cases = plugins.map((name) => `\tcase "${name}":\n\t\t${packageName(name)}.Main()\n`).join('');
  return `package main

import (
	"fmt"
	"os"
	"path/filepath"

${imports})

func main() {
	switch name := filepath.Base(os.Args[0]); name {
${cases}	default:
		fmt.Fprintf(os.Stderr, "%s is not a CNI plugin of this program\\n", name)
		os.Exit(1)
	}
}
`;
}

/** Source trees; they are only read. */
export interface MulticallTrees {
  /** Source tree of the plugins. */
  source: string;
  /** `GOROOT`. */
  go: string;
  /** Go's build cache, for this Go alone: Go distinguishes its releases only by version. */
  cache: string;
  /** A `GOPATH` with the packages that the plugins import. */
  libraries: string;
}

/**
 * Compiles `plugins` to one static program below `scratch` and returns its path. Go and all sources are pinned; the program contains
 * neither code nor paths of the host.
 */
export async function compileMulticall(
  trees: MulticallTrees,
  plugins: readonly Plugin[],
  version: string,
  scratch: string,
  options: Pick<RunOptions, 'logFile' | 'signal'>,
): Promise<string> {
  const gopath = join(scratch, 'gopath');
  const source = join(gopath, 'src', PLUGINS);
  await cp(trees.source, source, { recursive: true });
  for (const { name, directory } of plugins) {
    const files = (await readdir(directory)).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
    const texts = await Promise.all(files.sort().map(async (file) => [file, await readFile(join(directory, file), 'utf8')] as const));
    const target = join(source, MULTICALL, packageName(name));
    await mkdir(target, { recursive: true });
    for (const [file, text] of Object.entries(asPackage(name, Object.fromEntries(texts)))) await writeFile(join(target, file), text);
  }
  await writeFile(join(source, MULTICALL, 'main.go'), dispatcher(plugins.map(({ name }) => name)));
  const program = join(scratch, 'cni-plugins');
  const flags = `-s -w -buildid= -X ${PLUGINS}/pkg/utils/buildversion.BuildVersion=${version}`;
  await run([join(trees.go, 'bin/go'), 'build', '-trimpath', '-buildvcs=false', '-ldflags', flags, '-o', program, `${PLUGINS}/${MULTICALL}`], {
    ...options,
    // No user configuration, no modules, no other Go.
    env: {
      GOROOT: trees.go,
      GOPATH: `${gopath}:${trees.libraries}`,
      GOCACHE: process.env['CONTAINER_OS_COMPILER_LAUNCHER'] === 'none' ? join(scratch, 'gocache') : trees.cache,
      HOME: scratch,
      GO111MODULE: 'off',
      GOENV: 'off',
      GOFLAGS: '',
      GOPROXY: 'off',
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
    },
  });
  return program;
}
