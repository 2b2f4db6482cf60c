import { BuildError } from '@container-os/core/errors';
import type { Tree } from '@nx/devkit';
import { reporting } from '../reporting.ts';
import { write } from '../write.ts';
import type { ArtifactPluginGeneratorOptions } from './schema.d.ts';

/**
 * Writes a package whose executor makes a layer with one file, to be filled with work. Files that are there are left as they are.
 *
 * @throws BuildError NAME_INVALID
 * @example npx nx g @container-os/image:artifact-plugin agent
 */
export default reporting<ArtifactPluginGeneratorOptions>((tree: Tree, { name, directory = `packages/${name}`, scope }) => {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new BuildError('NAME_INVALID', `artifact ${JSON.stringify(name)}: expected lower-case letters, digits and hyphens`, { hint: 'Give another name.' });
  const packageName = `${scope}/${name}`;
  for (const [path, text] of Object.entries(filesOf(name, packageName))) if (!tree.exists(`${directory}/${path}`)) write(tree, `${directory}/${path}`, text);
  return ['npm install', `x-os: { artifacts: { ${name}: { executor: "${packageName}:${name}" } } }  in a compose.yaml makes it part of the image`];
});

function filesOf(name: string, packageName: string): Record<string, string> {
  const title = `${name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())}Options`;
  const description = `Makes the layer with ${name}`;
  return {
    'package.json': json({
      name: packageName,
      version: '0.1.0',
      description,
      private: true,
      type: 'module',
      exports: { './package.json': './package.json' },
      executors: './executors.json',
      dependencies: { '@container-os/core': '0.1.0', '@container-os/cpio': '0.1.0' },
    }),
    'executors.json': json({
      executors: { [name]: { implementation: './src/executor.ts', schema: './src/schema.json', hasher: '@container-os/core/hasher', description } },
    }),
    'src/recipe.json': json({ files: ['{options.greeting}'] }),
    'src/schema.json': json({
      $schema: 'https://json-schema.org/schema',
      version: 2,
      title,
      description: `${description}.`,
      type: 'object',
      additionalProperties: false,
      properties: { greeting: { description: 'A text file of the image.', type: 'string' } },
    }),
    'src/executor.ts': `import { defineExecutor, readImageText, type BuildContext, type ManifestInput } from '@container-os/core';
import { fileEntry } from '@container-os/cpio';
import { writeLayer } from '@container-os/cpio/fs';
import { join } from 'node:path';
import recipe from './recipe.json' with { type: 'json' };

interface Options {
  greeting?: string;
}

/** ${description}. Commands that it runs are "tools" of recipe.json, its files of the image are "files", its sources "receipts". */
export default defineExecutor<Options, Options>({ recipe, plan: (options) => options, run: build });

async function build({ greeting }: Options, context: BuildContext): Promise<ManifestInput> {
  const text = greeting === undefined ? 'hello\\n' : await readImageText(greeting, 'greeting', context);
  await writeLayer(join(context.out, 'layer.cpio'), [fileEntry('etc/${name}', text)]);
  return { name: '${name}', version: '0.1.0', licence: 'Apache-2.0' };
}
`,
    'README.md': `# ${packageName}\n${description}, and nothing else.\n\n<!-- options:begin -->\n<!-- options:end -->\n`,
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
