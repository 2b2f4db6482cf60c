import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** Imports go one way: a package may import those of the rows above its own. */
const DATA_FLOW = [
  ['core', 'cache-server'],
  ['cpio', 'compiler', 'compose'],
  ['kbuild', 'sources'],
  ['oci-bundle'],
  ['kernel', 'busybox', 'runc', 'crun', 'tini', 'cni-plugins', 'e2fsprogs', 'cosctl', 'system'],
  ['rootfs'],
  ['initramfs', 'iso'],
  ['qemu'],
];

const unplaced = readdirSync(new URL('packages', import.meta.url)).filter((name) => !DATA_FLOW.flat().includes(name));
if (unplaced.length > 0) throw new Error(`packages without a place in DATA_FLOW of eslint.config.js: ${unplaced.join(', ')}`);

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
      ],
    },
  },
  ...DATA_FLOW.flatMap((row, index) => row.map((name) => importDirection(name, DATA_FLOW.slice(0, index).flat()))),
);

/** Forbids `packages/<name>/src` to import packages other than `allowed`, a neighbour by path, the tools, or what only some packages do. */
function importDirection(name, allowed) {
  const others = DATA_FLOW.flat().filter((one) => one !== name && !allowed.includes(one));
  const patterns = [
    {
      group: others.flatMap((one) => [`@container-os/${one}`, `@container-os/${one}/*`]),
      message: `Imports go one way (eslint.config.js): ${name} may import ${allowed.join(', ') || 'no other package'}.`,
    },
    { regex: '^(\\.\\./)+(tools|packages)/|^(\\.\\./){2,}[^.]*/src/', message: 'Import another package by its name. Tools are never imported by packages.' },
    ...ONLY.filter(({ packages }) => !packages.includes(name)).map(({ group, message }) => ({ group, message })),
  ];
  return {
    files: [`packages/${name}/src/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: patterns.filter(({ group }) => group?.length !== 0) }] },
  };
}
