import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A symbol as the Kconfig language defines it, without prefix. */
export interface Definition {
  /** Conditions of `depends on`, and of the `if` and `menu` blocks around it in its file. */
  depends: string[];
}

/**
 * The symbols that the Kconfig files (`Kconfig*`, `Config.in`) below `tree` define. Reads only what a
 * message needs: names and dependencies. Source: Linux Documentation/kbuild/kconfig-language.rst.
 */
export async function readKconfig(tree: string): Promise<Map<string, Definition>> {
  const definitions = new Map<string, Definition>();
  for (const file of await kconfigFiles(tree)) collect(await readFile(file, 'utf8'), definitions);
  return definitions;
}

async function kconfigFiles(tree: string): Promise<string[]> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const other = /\/arch\/(?!x86\b)/;
  return entries.filter((entry) => entry.isFile() && /^(Kconfig.*|Config\.(in|src))$/.test(entry.name) && !other.test(`${entry.parentPath}/`)).map((entry) => join(entry.parentPath, entry.name));
}

function collect(text: string, definitions: Map<string, Definition>): void {
  const around: string[][] = [];
  let current: Definition | undefined;
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, word = '', rest = ''] = /^\s*(?:\/\/config:\s*)?(\w+)\s*(.*)$/.exec(line) ?? [];
    if (word === 'config' || word === 'menuconfig') {
      const name = rest.trim();
      const earlier = definitions.get(name);
      current = { depends: around.flat() };
      // A symbol with several definitions needs only one of them: keep the one with fewer conditions.
      if (!earlier) definitions.set(name, current);
    } else if (word === 'if') around.push([rest.trim()]);
    else if (word === 'menu' || word === 'choice') {
      around.push([]);
      current = undefined;
    } else if (word === 'endif' || word === 'endmenu' || word === 'endchoice') around.pop();
    else if (word === 'depends') (current?.depends ?? around.at(-1))?.push(rest.replace(/^on\s+/, '').trim());
  }
}
