// npm run generate: writes what repeats a schema.json, the only home of an executor's options: schema.d.ts
// beside it, and the option tables of the packages' READMEs. With --check it writes nothing and fails on drift.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { globbySync } from 'globby';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { fileKeys, type JsonSchema } from '@container-os/compose-file';
import { composeKeys } from './compose-keys.ts';
import { composeSchema } from './compose-schema.ts';
import { defaultsTable } from './defaults/table.ts';
import { optionTable, type OptionsSchema } from './option-table.ts';
import { remainingTools } from './remaining-tools.ts';
import { validators } from './validators.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const drifted: string[] = [];

for (const file of globbySync('packages/*/{executors,generators}.json', { cwd: root }).sort()) await generate(join(root, file));
await generateSchemas(join(root, 'packages/cache-server'));
const options = (target: string): JsonSchema => readJson(join(root, 'packages/qemu/src', target, 'schema.json'));
update(
  join(root, 'packages/image/compose.schema.json'),
  composeSchema({
    xOs: readJson(join(root, 'packages/image/src/x-os.schema.json')),
    serviceXOs: readJson(join(root, 'packages/image/src/service-x-os.schema.json')),
    qemuTest: options('qemu-test'),
    qemuStorage: options('qemu-storage'),
    budget: options('budget'),
  }),
);
update(
  join(root, 'packages/image/src/infer/validators.ts'),
  validators({
    xOs: readJson(join(root, 'packages/image/src/x-os.schema.json')),
    serviceXOs: readJson(join(root, 'packages/image/src/service-x-os.schema.json')),
  }),
);
updateBetween(join(root, 'packages/prebuilt/README.md'), '<!-- host-tools:begin -->', '<!-- host-tools:end -->', remainingTools(root));
updateBetween(join(root, 'docs/compose-keys.md'), '<!-- keys:begin -->', '<!-- keys:end -->', `\n\n${composeKeys(fileKeys)}`);
updateBetween(
  join(root, 'packages/oci-bundle/README.md'),
  '<!-- defaults:begin -->',
  '<!-- defaults:end -->',
  `\n${defaultsTable(readFileSync(join(root, 'packages/system/rootfs/etc/boot.d/20-cgroups.sh'), 'utf8'))}`,
);

if (drifted.length > 0) {
  console.error(
    [
      `${check ? 'these files do not match their schema.json' : 'these files cannot be generated'}:`,
      ...drifted.map((one) => `  ${one}`),
      '  hint: Run npm run generate, then commit.',
    ].join('\n'),
  );
  process.exit(1);
}

/** Of a list of executors or generators. */
async function generate(list: string): Promise<void> {
  const directory = join(list, '..');
  const { executors, generators = executors ?? {} } = readJson<Partial<Record<'executors' | 'generators', Record<string, { schema: string }>>>>(list);
  const tables: string[] = [];
  for (const [name, { schema: path }] of Object.entries(generators)) {
    const schemaFile = join(directory, path);
    const schema = readJson<OptionsSchema>(schemaFile);
    update(schemaFile.replace(/\.json$/, '.d.ts'), await types(withDefaults(schema)));
    tables.push(optionTable(schema, Object.keys(generators).length > 1 ? name : undefined));
  }
  await generateSchemas(directory);
  // One table a README: of a package with both, that of its generators. Its executors have no options.
  if (executors && existsSync(join(directory, 'generators.json'))) return;
  updateBetween(join(directory, 'README.md'), '<!-- options:begin -->', '<!-- options:end -->', `\n${tables.join('\n')}`);
}

async function generateSchemas(directory: string): Promise<void> {
  for (const file of globbySync('src/**/*.schema.json', { cwd: directory, absolute: true })) {
    const schema = readJson<OptionsSchema>(file);
    update(file.replace(/\.json$/, '.d.ts'), await types(schema));
    updateBetween(
      join(directory, 'README.md'),
      `<!-- ${schema.title.toLowerCase()}:begin -->`,
      `<!-- ${schema.title.toLowerCase()}:end -->`,
      `\n${optionTable(schema)}`,
    );
  }
}

/** The options as an executor gets them: Nx has filled in the defaults. */
function withDefaults(schema: OptionsSchema): OptionsSchema {
  const filledIn = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => (property.default === undefined ? [] : [name]));
  return { ...schema, required: [...(schema.required ?? []), ...filledIn] };
}

function types(schema: OptionsSchema): Promise<string> {
  return compile(schema as JSONSchema, schema.title, {
    additionalProperties: false,
    bannerComment: '// Generated from schema.json by npm run generate.',
    style: { singleQuote: true, printWidth: 160 },
  });
}

function update(file: string, content: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  if (check) drifted.push(relative(root, file));
  else writeFileSync(file, content);
}

function updateBetween(file: string, begin: string, end: string, content: string): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) drifted.push(`${relative(root, file)} (needs the lines ${begin} and ${end})`);
  else update(file, `${text.slice(0, from)}${begin}${content}${text.slice(to)}`);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
