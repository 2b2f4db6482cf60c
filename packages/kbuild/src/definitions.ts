import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The conditions of each definition of a symbol: those of its `depends on`, and of the `if` and `menu` blocks
 * around it in its file. A symbol with several definitions needs the conditions of only one.
 */
export type Definitions = ReadonlyMap<string, readonly (readonly string[])[]>;

/**
 * The symbols, by name without prefix, that the Kconfig files (`Kconfig*`, `Config.in`) below `directories`
 * define: a source tree, and the build directory where BusyBox generates its own. Reads only what a message
 * needs, and not what only another architecture has. Source: Linux Documentation/kbuild/kconfig-language.rst.
 */
export async function readKconfig(...directories: string[]): Promise<Definitions> {
  const definitions = new Map<string, string[][]>();
  const files = (await Promise.all(directories.map(kconfigFiles))).flat();
  for (const text of await Promise.all(files.map((file) => readFile(file, 'utf8')))) collect(text, definitions);
  return definitions;
}

async function kconfigFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const others = /\/arch\/(?!x86\/)[^/]+\/|\/Documentation\//;
  const files = entries.filter((entry) => entry.isFile() && /^(Kconfig.*|Config\.in)$/.test(entry.name));
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !others.test(path))
    .sort();
}

function collect(text: string, definitions: Map<string, string[][]>): void {
  const around: string[][] = [];
  let current: string[] | undefined;
  for (const line of statements(text)) {
    const [, word = '', rest = ''] = /^(\w+)\s*(.*)$/.exec(line) ?? [];
    if (word === 'config' || word === 'menuconfig') {
      current = around.flat();
      definitions.set(rest, [...(definitions.get(rest) ?? []), current]);
    } else if (word === 'if') around.push([rest]);
    else if (word === 'menu' || word === 'choice') {
      around.push([]);
      current = undefined;
    } else if (word === 'endif' || word === 'endmenu' || word === 'endchoice') around.pop();
    else if (word === 'depends') (current ?? around.at(-1))?.push(rest.replace(/^on\s+/, ''));
  }
}

/** The lines of a Kconfig file without comments, indentation and help texts, which end where the indentation does. */
function* statements(text: string): Generator<string> {
  let help: number | 'starts' | undefined;
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const statement = line.replace(/#.*/, '').trim();
    if (line.trim() === '') continue;
    const indentation = /^\s*/.exec(line)?.[0].replaceAll('\t', ' '.repeat(8)).length ?? 0;
    if (help === 'starts') help = indentation;
    if (help !== undefined && indentation >= help && indentation > 0) continue;
    help = statement === 'help' ? 'starts' : undefined;
    if (statement !== '') yield statement;
  }
}
