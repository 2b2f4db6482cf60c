import { readdirSync, readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** What each package declares in its package.json, by folder. It may import that, and nothing else. */
const DECLARED = Object.fromEntries(
  readdirSync(new URL('packages', import.meta.url)).map((folder) => {
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(new URL(`packages/${folder}/package.json`, import.meta.url), 'utf8'));
    return [folder, [name, ...Object.keys({ ...dependencies, ...devDependencies })]];
  }),
);

/** What the host of the code gives: Nx its plugins, QuickJS the program cosctl. */
const GIVEN = { cosctl: ['os', 'std'] };

/** What only some packages do. */
const ONLY = [
  {
    packages: ['core', 'qemu', 'cache-server'],
    group: ['execa', 'child_process', 'node:child_process'],
    message: 'Start commands with run() of @container-os/core.',
  },
  {
    packages: ['sources', 'qemu', 'cache-server'],
    group: ['undici', 'http', 'https', 'node:http', 'node:https', 'node:net'],
    message: 'All network input comes through @container-os/sources.',
  },
];

export default tseslint.config(
  { ignores: ['**/*.d.ts', 'dist/', 'coverage/'] },
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-throw-literal': 'error',
      'max-len': ['error', { code: 160, ignoreRegExpLiterals: true, ignoreUrls: true }],
      'max-lines': ['error', 300],
    },
  },
  {
    // What a test expects is not broken for its length.
    files: ['**/*.test.ts', 'packages/*/test/**'],
    rules: { 'max-len': ['error', { code: 160, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true }] },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['packages/*/*.ts'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A default stands in schema.json alone: the generated types say that an option with one is always there.
      '@typescript-eslint/no-useless-default-assignment': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/core/src/**', 'packages/cache-server/src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.object.name='process'][object.property.name='env']:not([property.value=/^(PATH|CONTAINER_OS_[A-Z_]+)$/])",
          message: 'A build depends on its inputs only; of the environment, plugins may read PATH and CONTAINER_OS_….',
        },
        {
          selector: "NewExpression[callee.name='URL'][arguments.1.object.type='MetaProperty']:not([arguments.0.type='Literal'])",
          message: 'The hash of a target follows literal URLs: name the file, or the folder that holds it, by a literal.',
        },
      ],
    },
  },
  ...Object.keys(DECLARED).map(allowedImports),
);

/** Forbids `packages/<folder>/src` to import what its package.json does not declare, a neighbour by path, the tools, or what only some packages do. */
function allowedImports(folder) {
  const declared = [...DECLARED[folder], 'nx', '@nx/devkit', ...(GIVEN[folder] ?? [])];
  const patterns = [
    {
      regex: `^(?!node:|\\.|(?:${declared.join('|')})(?:/|$))`,
      message: `packages/${folder}/package.json does not declare it: what a package depends on decides what Nx takes for its sources.`,
    },
    { regex: '^(\\.\\./)+(tools|packages)/|^(\\.\\./){2,}[^.]*/src/', message: 'Import another package by its name. Tools are never imported by packages.' },
    ...ONLY.filter(({ packages }) => !packages.includes(folder)).map(({ group, message }) => ({ group, message })),
  ];
  return {
    files: [`packages/${folder}/src/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}
