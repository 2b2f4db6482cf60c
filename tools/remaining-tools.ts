import { toolOf } from '@container-os/core';
import type { Recipe } from '@container-os/core/hash/recipe';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { globbySync } from 'globby';

/** The host tools of the targets that an image has of its own, as a table: those that remain where the base is prebuilt. */
export function remainingTools(root: string): string {
  const { targets } = readJson<{ targets: Record<string, { executor: string }> }>(join(root, 'packages/image/bases/vm/base.json'));
  const ofBase = new Set(Object.values(targets).map(({ executor }) => executor));
  const rows = globbySync('packages/*/executors.json', { cwd: root })
    .sort()
    .flatMap((file) => {
      const { executors } = readJson<{ executors: Record<string, { implementation: string }> }>(join(root, file));
      return Object.entries(executors)
        .filter(([name]) => !ofBase.has(`@container-os/${file.split('/')[1]}:${name}`))
        .flatMap(([name, { implementation }]) => row(name, join(root, dirname(file), dirname(implementation), 'recipe.json')));
    });
  return `\n| executor | tools | Debian packages |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function row(name: string, file: string): string[] {
  if (!existsSync(file)) return [];
  const recipe = readJson<Recipe>(file);
  const parts = [recipe, ...Object.values(recipe.when ?? {}).flatMap((values) => Object.values(values))];
  const tools = parts.flatMap(({ tools = [], utilities = [] }) => [...tools.map((tool) => (typeof tool === 'string' ? tool : tool.tool)), ...utilities]);
  const needed = [...new Set(tools)].filter((tool) => !tool.endsWith('?')).sort();
  const debs = needed.flatMap((tool) => toolOf(tool, recipe.ownTools).deb ?? []);
  return needed.length > 0 ? [`| \`${name}\` | ${needed.join(', ')} | ${[...new Set(debs)].sort().join(', ') || 'none'} |`] : [];
}

function readJson<Value>(file: string): Value {
  return JSON.parse(readFileSync(file, 'utf8')) as Value;
}
