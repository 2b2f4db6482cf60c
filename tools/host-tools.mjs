// Which host tools this repository needs: those of the recipes, and those that only tests and CI call, which are in host-tools.json with
// the reason. Plain JavaScript without imports from npm: the bootstrap reads it before node_modules exists.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Every tool that a recipe of a package below `root` names, by name, with its entry in core's tools.json or in "ownTools" of the recipe. Tools
 * of groups and programs that come with a tool are among them.
 *
 * @param {string} root
 * @throws Error for a tool without an entry, naming the recipe
 */
export function recipeTools(root) {
  const catalogue = readJson(join(root, 'packages/core/tools.json'));
  const found = {};
  for (const file of recipesOf(join(root, 'packages'))) {
    const { tools = [], utilities = [], ownTools = {} } = readJson(file);
    const add = (name) => {
      if (name in found) return;
      const tool = catalogue[name] ?? ownTools[name];
      if (!tool) throw new Error(`${file.slice(root.length + 1)}: no tool "${name}": neither packages/core/tools.json nor "ownTools" of the recipe has it`);
      found[name] = tool;
      for (const one of [...(tool.group ?? []), ...(tool.programs ?? [])]) add(one.replace(/\?$/, ''));
    };
    for (const entry of [...tools, ...utilities]) for (const name of namesOf(entry.tool ?? entry, file)) add(name.replace(/\?$/, ''));
  }
  return found;
}

/** Tools of tests and CI alone, by name; with `e2e` those of `npm run test:rest` too. */
export function testTools(root, { e2e }) {
  const file = join(root, 'tools/host-tools.json');
  const all = existsSync(file) ? Object.entries(readJson(file)) : [];
  return Object.fromEntries(all.filter(([, tool]) => e2e || !tool.e2e));
}

/** `{options.compression}` is each tool that the option can name. */
function namesOf(entry, recipe) {
  const option = /^\{options\.(\w+)\}$/.exec(entry)?.[1];
  if (option === undefined) return [entry];
  return readJson(join(dirname(recipe), 'schema.json')).properties[option].enum.filter((name) => name !== 'none');
}

function recipesOf(packages) {
  return readdirSync(packages).flatMap((name) => {
    const source = join(packages, name, 'src');
    const files = existsSync(source) ? readdirSync(source, { recursive: true }) : [];
    return files.filter((file) => /(^|\/)recipe\.json$/.test(file)).map((file) => join(source, file));
  });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
