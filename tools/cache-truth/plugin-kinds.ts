import { globbySync } from 'globby';
import type { Box } from './box.ts';
import type { Kind } from './edit.ts';
import { CHEAP } from './fixtures.ts';
import type { Random } from './random.ts';

/** What is known of a JSON file: nothing. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = Record<string, any>;

/** Edits of the code that builds, and of what says which code that is. */
export const PLUGIN: Record<string, Kind> = {
  "plugin's source, bytes stay": (box, random) => {
    const file = source(box, random);
    box.edit(file, (text) => `${text}\n// edited ${random.int(1e6)}\n`);
    return { what: `${file} has another comment`, suspects: [random.pick(usersOf(box, file))] };
  },
  "plugin's source, fails": (box, random) => {
    const file = source(box, random);
    box.edit(file, (text) => `${text}\nthrow new Error('edited');\n`);
    return { what: `${file} throws`, suspects: random.shuffle(usersOf(box, file)).slice(0, 2) };
  },
  "plugin's source, other bytes": (box, random) => {
    const [file, from, to, target] = random.pick([
      [
        'packages/core/src/source-date-epoch.ts',
        /(\d{6,})/,
        (n: string) => String(Number(n) + 86400),
        random.pick(['bundle-web', 'iso', 'system', 'initramfs']),
      ],
      ['packages/rootfs/src/squashfs.ts', /128K/, () => '64K', 'rootfs'],
      ['packages/oci-bundle/src/service.ts', /#!\/bin\/sh/, (was: string) => `${was}\\n# edited`, random.pick(['bundle-web', 'bundle-client'])],
      ['packages/iso/src/commands.ts', /'serial', /, () => '', 'iso'],
      ['packages/cpio/src/newc.ts', /070701/g, () => '070702', random.pick(['bundle-shell', 'early-init', 'tini'])],
      ['packages/initramfs/src/executor.ts', /name: 'initramfs'/, () => "name: 'another'", 'initramfs'],
      ['packages/tini/src/executor.ts', /name: 'tini'/, () => "name: 'another'", 'tini'],
      ['packages/kernel/src/kernel-config/executor.ts', /name: 'kernel-config'/, () => "name: 'another'", 'kernel-config'],
    ] as const);
    const text = box.read(file);
    const after = text.replace(from, to as (...all: string[]) => string);
    box.write(file, after === text ? `${text}\nthrow new Error('edited');\n` : after);
    return { what: `${file}: ${String(from)} is another`, suspects: [target] };
  },
  'what says which code runs': (box, random) => {
    const [file, change, target] = random.pick<[string, (json: Json) => void, string]>([
      ['packages/tini/executors.json', (json) => (json['executors'].tini.implementation = './src/another.ts'), 'tini'],
      ['packages/rootfs/executors.json', (json) => (json['executors'].rootfs.schema = './src/another.json'), 'rootfs'],
      ['packages/cpio/package.json', (json) => (json['exports']['./fs'] = './src/another.ts'), random.pick(['bundle-web', 'early-init', 'initramfs'])],
      ['packages/core/package.json', (json) => (json['exports']['.'] = './src/another.ts'), random.pick(['iso', 'bundle-shell'])],
      ['packages/iso/package.json', (json) => (json['executors'] = './another.json'), 'iso'],
      ['packages/initramfs/src/schema.json', (json) => (json['properties'].compression.default = 'gzip'), 'initramfs'],
      ['packages/system/src/schema.json', (json) => (json['properties'].dataDisk.default = 'none'), 'system'],
      ['packages/iso/executors.json', (json) => (json['executors'].iso.description = 'edited'), 'iso'],
      ['packages/oci-bundle/package.json', (json) => (json['description'] = 'edited'), 'bundle-web'],
    ]);
    box.edit(file, (text) => {
      const json = JSON.parse(text) as Json;
      change(json);
      return JSON.stringify(json, null, 2);
    });
    return { what: file, suspects: [target] };
  },
  "file that a plugin's code reads": (box, random) => {
    const file = random.pick(
      globbySync(['packages/system/rootfs/**/*', 'packages/*/src/**/recipe.json', 'packages/system/src/**/*.c'], { cwd: box.workspace }),
    );
    const json = file.endsWith('.json');
    box.edit(file, (text) => (json ? `${text} ` : `${text}\n${file.endsWith('.c') ? '/* edited */' : '# edited'}\n`));
    const users = file.includes('/rootfs/') ? ['system'] : usersOf(box, file);
    return { what: `${file} edited`, suspects: [random.pick(users)], ...(file.includes('/rootfs/') ? { named: ['system'] } : {}) };
  },
  'npm package': (box, random) => {
    const name = random.pick([
      'execa',
      'globby',
      'cli-progress',
      'ajv',
      'json-merge-patch',
      'undici',
      'proper-lockfile',
      'vitest',
      'eslint',
      'hono',
      'signal-exit',
      'micromatch',
    ]);
    box.edit('package-lock.json', (text) => {
      const lock = JSON.parse(text) as { packages: Record<string, { version?: string; integrity?: string }> };
      const entry = lock.packages[`node_modules/${name}`];
      if (!entry) throw new Error(`package-lock.json has no ${name}`);
      entry.version = `99.${random.int(99)}.0`;
      entry.integrity = `sha512-${Buffer.from(entry.version.padEnd(64)).toString('base64')}`;
      return `${JSON.stringify(lock, null, 2)}\n`;
    });
    return { what: `another ${name} in package-lock.json`, suspects: [random.pick(CHEAP)], npm: [name] };
  },
};

/** A module of a plugin that demo-os uses. */
function source(box: Box, random: Random): string {
  const packages = [
    'core',
    'cpio',
    'compiler',
    'sources',
    'kbuild',
    'oci-bundle',
    'kernel',
    'busybox',
    'tini',
    'e2fsprogs',
    'system',
    'rootfs',
    'initramfs',
    'iso',
  ];
  const files = globbySync(`packages/${random.pick(packages)}/src/**/*.ts`, {
    cwd: box.workspace,
    ignore: ['**/*.test.ts', '**/*.d.ts', '**/another.ts'],
  }).sort();
  return random.pick(files);
}

const EXECUTORS: Record<string, string[]> = {
  core: ['iso', 'bundle-web', 'rootfs', 'early-init', 'kernel-config'],
  cpio: ['bundle-web', 'rootfs', 'initramfs', 'system', 'early-init'],
  sources: ['sources', 'tini', 'kernel-config', 'bundle-shell', 'e2fsprogs'],
  kbuild: ['kernel-config', 'kernel', 'busybox'],
  compiler: ['kernel-config', 'kernel', 'busybox'],
  'oci-bundle': ['bundle-web', 'bundle-client'],
  kernel: ['kernel-config', 'kernel'],
  busybox: ['busybox'],
  tini: ['tini'],
  e2fsprogs: ['e2fsprogs'],
  system: ['system', 'programs', 'early-init'],
  rootfs: ['rootfs', 'initramfs'],
  initramfs: ['initramfs'],
  iso: ['iso'],
};

/** Targets whose plugin may read a file of a package. */
function usersOf(_box: Box, file: string): string[] {
  return EXECUTORS[file.split('/')[1] ?? ''] ?? ['bundle-web'];
}
