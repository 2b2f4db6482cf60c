import { globbySync } from 'globby';
import { basename, dirname, join } from 'node:path';
import type { Box } from './box.ts';
import type { Edit, Kind } from './edit.ts';
import { BASE, distOf, IMAGE } from '../stand-in/targets.ts';
import { ANOTHER_IMAGE, CHEAP, CONTAINERS, editDefinition, editTarget, IMPORTS, rootfsOf } from './fixtures.ts';
import { hostEdit, squashfsEdit, toolEdit } from './host-kinds.ts';
import { PLUGIN } from './plugin-kinds.ts';
import type { Random } from './random.ts';

/** A container, its root, and the target that packs it. */
function container(random: Random): { root: string; bundle: string; name: string } {
  const name = random.pick(CONTAINERS);
  return { name, root: rootfsOf(name), bundle: `bundle-${name}` };
}

/** Those of the table: each once a round. */
export const TABLE: Record<string, Kind> = {
  'program not executable': (box, random) => {
    const { name, root, bundle } = container(random);
    const program = random.pick([`usr/bin/${name}`, 'usr/bin/helper', 'srv/hooks/start']);
    box.chmod(join(root, program), (mode) => mode & ~0o111);
    return { what: `${name}: chmod -x ${program}`, suspects: [bundle], named: [bundle] };
  },
  'empty directory': (box, random) => {
    const { name, root, bundle } = container(random);
    const path = random.pick(['var', 'srv/data', 'usr/lib/empty', '.cache', 'srv/dist/assets']);
    box.mkdir(join(root, path));
    return { what: `${name}: new empty directory ${path}`, suspects: [bundle], named: [bundle] };
  },
  symlink: (box, random) => {
    const { name, root, bundle } = container(random);
    const link = random.pick(['usr/lib/to-file', 'usr/lib/to-directory', 'usr/lib/to-nothing']);
    const target = random.pick(['../nowhere', '/no/such/file', '../../srv/hooks', '../../srv', '../bin/helper', '../../../../../compose.yaml']);
    box.link(join(root, link), target);
    return { what: `${name}: ${link} -> ${target}`, suspects: [bundle], named: [bundle] };
  },
  'file that git ignores': (box, random) => {
    const { name, root, bundle } = container(random);
    const path = random.pick([
      'srv/notes.log',
      'srv/node_modules/thing/index.js',
      'srv/dist/app.js',
      'var-new.log',
      'srv/node_modules/new/index.js',
      'srv/dist/new.js',
      'usr/coverage/x',
    ]);
    box.write(join(root, path), `edited ${random.int(1e6)}\n`);
    return { what: `${name}: ${path} added or edited`, suspects: [bundle], named: [bundle] };
  },
  fifo: (box, random) => {
    const { name, root, bundle } = container(random);
    const path = random.pick(['srv/pipe', 'pipe', 'usr/lib/pipe']);
    box.fifo(join(root, path));
    return { what: `${name}: fifo ${path}`, suspects: [bundle], named: [bundle] };
  },
  'import of another package': (box, random) => {
    const { importer, imported, target } = random.pick(IMPORTS);
    const file = random.pick(globbySync(`packages/${imported}/src/index.ts`, { cwd: box.workspace }));
    const throws = random.int(3) > 0;
    box.edit(file, (text) => `${text}\n${throws ? "throw new Error('edited');" : '// edited'}\n`);
    return { what: `${importer} imports ${imported}; ${file} ${throws ? 'throws' : 'has another comment'}`, suspects: [target] };
  },
  'file that Nx ignores and an option names': (box, random) => {
    const [file, target, line] = random.pick([
      [`${BASE.root}/kernel/excluded.config`, 'kernel-config', `CONFIG_EDITED_${random.int(1e6)}=y`],
      [`${BASE.root}/busybox/excluded.config`, 'busybox', `CONFIG_STAND_IN_SAYS="edited ${random.int(1e6)}"`],
      [`${IMAGE.root}/network/excluded.motd`, 'system', `edited ${random.int(1e6)}`],
    ] as const);
    box.edit(file, (text) => `${text}${line}\n`);
    return { what: `${file} edited`, suspects: [target] };
  },
  rustc: (box, random) => {
    const where = random.pick(['before', 'after'] as const);
    box.program('rustc', `#!/bin/sh\necho 'rustc 1.${random.int(90)}.0'\n`, where);
    return { what: `rustc ${where} all others in PATH`, suspects: ['kernel-config'], programs: ['rustc'] };
  },
  'another mksquashfs': squashfsEdit,
};

/** The others: each slot once a round, one of its kinds at random. */
export const OTHERS: Record<string, Kind> = {
  ...PLUGIN,
  'mode that counts, or not': (box, random) => {
    const { name, root, bundle } = container(random);
    const [path, change, mode, counts] = random.pick([
      ['srv/data.txt', '+x', (m: number) => m | 0o111, true],
      ['srv/data.txt', 'g+w', (m: number) => m | 0o020, false],
      ['srv/data.txt', 'o-r', (m: number) => m & ~0o004, false],
      ['usr/bin/helper', 'go-x', (m: number) => m & ~0o011, false],
      ['srv/hooks', 'g+ws', (m: number) => m | 0o2020, false],
      ['usr/bin/helper', 'u+s', (m: number) => m | 0o4000, false],
    ] as const);
    box.chmod(join(root, path), mode);
    // A mode that is normalised away is nothing that the target reads.
    if (!counts) box.changed.clear();
    return { what: `${name}: chmod ${change} ${path}`, suspects: [bundle], ...(counts ? { named: [bundle] } : {}) };
  },
  "container's file": (box, random) => {
    if (random.int(4) === 0) return definitionEdit(box, random);
    const { name, root, bundle } = container(random);
    const at = (path: string): string => join(root, path);
    const n = random.int(1e6);
    const [what, act] = random.pick<[string, () => void]>([
      ['srv/data.txt edited', () => box.write(at('srv/data.txt'), `edited ${n}\n`)],
      ['srv/data.txt of another content, with length and date as before', () => box.forge(at('srv/data.txt'), (text) => text.replace('data', 'DATA'))],
      ['a file more', () => box.write(at(`srv/new-${n}`), 'new\n')],
      ['a hidden file more', () => box.write(at('srv/.hidden'), 'new\n')],
      ['srv/data.txt removed', () => box.remove(at('srv/data.txt'))],
      ['srv/data.txt renamed', () => box.rename(at('srv/data.txt'), at('srv/other.txt'))],
      [
        'srv/data.txt replaced by a link to a file of its content',
        () => (box.write(at('srv/copy.txt'), box.read(at('srv/data.txt'))), box.link(at('srv/data.txt'), 'copy.txt')),
      ],
      ['srv/data.txt replaced by a directory', () => (box.remove(at('srv/data.txt')), box.mkdir(at('srv/data.txt')))],
      ['a name with a newline', () => box.write(at('srv/a\nb'), 'new\n')],
      ['.gitignore inside', () => box.write(at('srv/.gitignore'), 'data.txt\n')],
      ['.nxignore inside', () => box.write(at('srv/.nxignore'), 'data.txt\n')],
    ]);
    act();
    return { what: `${name}: ${what}`, suspects: [bundle], named: [bundle] };
  },
  option: (box, random) => {
    const [target, option, value] = random.pick<[string, string, unknown]>([
      ['iso', 'timeout', 1 + random.int(9)],
      ['iso', 'title', `Title ${random.int(99)}`],
      ['iso', 'cmdline', `quiet edited=${random.int(99)}`],
      ['rootfs', 'compression', 'zstd'],
      ['initramfs', 'compression', random.pick(['gzip', 'lz4', 'none'])],
      ['system', 'hostname', `host-${random.int(99)}`],
      ['system', 'consoleShell', false],
      ['system', 'dataDisk', 'none'],
      ['kernel-config', 'fragments', ['kernel/virtio.config']],
      ['bundle-web', 'patches', [{ hostname: `h${random.int(99)}` }]],
      ['kernel-config', 'allow', { CONFIG_NOTHING: 'not there' }],
    ]);
    editTarget(box, target, { options: { [option]: value } });
    return { what: `${target}: option ${option} ${JSON.stringify(value)}`, suspects: [target], named: [target] };
  },
  'nothing that a build reads': (box, random) => {
    const n = random.int(1e6);
    const [what, act] = random.pick<[string, () => void]>([
      ['docs/guide.md', () => box.edit('docs/guide.md', (text) => `${text}\nedited\n`)],
      ['README.md', () => box.edit('README.md', (text) => `${text}\nedited\n`)],
      ["a plugin's README", () => box.edit('packages/iso/README.md', (text) => `${text}\nedited\n`)],
      ["a plugin's new test", () => box.write(`packages/cpio/test/new-${n}.test.ts`, '// new\n')],
      ["a test beside a plugin's source", () => box.write(`packages/cpio/src/new-${n}.test.ts`, '// new\n')],
      ["a plugin's source file that nobody imports", () => box.write(`packages/core/src/new-${n}.ts`, 'export const nobody = 1;\n')],
      ['a fragment that no option names', () => box.edit(`${BASE.root}/kernel/pc-hardware.config`, (text) => `${text}# edited\n`)],
      ['the lock of another channel', () => box.edit(`${BASE.root}/sources/upstream.lock.json`, (text) => `${text} `)],
      ['another image', () => box.write('os-images/another/compose.yaml', ANOTHER_IMAGE)],
      ['a comment in the definition', () => box.edit(`${IMAGE.root}/compose.yaml`, (text) => `${text}# edited\n`)],
      ['a comment in what infers targets', () => box.edit('packages/image/src/infer/target.ts', (text) => `${text}\n// edited\n`)],
      ['what the boot test expects', () => box.edit(`${IMAGE.root}/test.yaml`, (text) => text.replace(/^properties: /m, '$&1'))],
      ["another image's folder", () => box.write('tools/bench/seed-reference/new', 'new\n')],
      ['a directory of a container that is in no service', () => box.write(`${IMAGE.root}/containers/new/rootfs/new`, 'new\n')],
      ["budget's record", () => box.edit(`${IMAGE.root}/budget.json`, (text) => `${text} `)],
      ['a tool of the workspace', () => box.edit('tools/check-paths.ts', (text) => `${text}\n// edited\n`)],
      ['the cache server', () => box.edit('packages/cache-server/README.md', (text) => `${text}\nedited\n`)],
      ['an empty directory at the root', () => box.mkdir(`new-${n}`)],
      ["a container's README beside its rootfs", () => box.write(`${IMAGE.root}/containers/web/README.md`, 'new\n')],
      ["another target's plugin", () => box.edit('packages/qemu/src/index.ts', (text) => `${text}\n// edited\n`)],
    ]);
    act();
    return { what, suspects: [random.pick(CHEAP)] };
  },
  environment: (box, random) => {
    const home = box.directory();
    const n = random.int(1e6);
    const [name, value] = random.pick<[string, string]>([
      ['HOME', home],
      ['LANG', 'de_DE.UTF-8'],
      ['LC_ALL', 'C'],
      ['LC_ALL', 'tr_TR.UTF-8'],
      ['TZ', 'Asia/Tokyo'],
      ['umask', '077'],
      ['umask', '002'],
      ['umask', '0'],
      ['CFLAGS', '-O0 -g'],
      ['LDFLAGS', '-Wl,--build-id'],
      ['MAKEFLAGS', '-k'],
      ['GNUMAKEFLAGS', '--no-silent'],
      ['CPATH', home],
      ['C_INCLUDE_PATH', home],
      ['LIBRARY_PATH', home],
      ['COMPILER_PATH', home],
      ['GCC_EXEC_PREFIX', `${home}/`],
      ['POSIXLY_CORRECT', '1'],
      ['SOURCE_DATE_EPOCH', '1'],
      ['KBUILD_BUILD_USER', 'somebody'],
      ['USER', 'nobody'],
      ['TMPDIR', home],
      ['ZSTD_CLEVEL', '3'],
      ['ZSTD_NBTHREADS', '2'],
      ['XZ_OPT', '-0'],
      ['GZIP', '-1'],
      ['TAR_OPTIONS', '--owner=1'],
      ['MTOOLSRC', join(home, 'mtoolsrc')],
      ['REALGCC', 'false'],
      ['CC', 'false'],
      ['LD_BIND_NOW', '1'],
      ['GREP_OPTIONS', '-v'],
      ['BASH_ENV', join(home, 'bashrc')],
      ['ENV', join(home, 'profile')],
      ['CONTAINER_OS_ANYTHING', String(n)],
      ['M4', 'false'],
    ]);
    if (name === 'umask') box.umask = parseInt(value, 8);
    else box.env[name] = value;
    if (name === 'CPATH' || name === 'C_INCLUDE_PATH') box.write(join(home, 'stdio.h'), '#error edited\n');
    if (name === 'BASH_ENV' || name === 'ENV') box.write(value, 'exit 9\n');
    if (name === 'MTOOLSRC') box.write(value, 'mtools_lower_case=1\n');
    box.changed.clear();
    return {
      what: `${name}=${value.replace(box.base, '…')}`,
      suspects: random.shuffle(['tini', 'early-init', 'iso', 'rootfs', 'kernel-config', 'busybox', 'initramfs', 'system', 'kernel']).slice(0, 2),
    };
  },
  'file in HOME': (box, random) => {
    const home = box.directory();
    box.env['HOME'] = home;
    const [file, text, target] = random.pick([
      ['.mtoolsrc', 'mtools_skip_check=1\ndrive x: file="/dev/null"\nmtools_no_vfat=1\n', 'iso'],
      ['.mtoolsrc', 'no such setting\n', 'iso'],
      ['.xorrisorc', '-publisher edited\n', 'iso'],
      ['.config/ccache/ccache.conf', 'compiler_check = none\n', 'busybox'],
      ['.gitconfig', '[user]\n  name = x\n', 'kernel-config'],
      ['.profile', 'exit 9\n', 'kernel-config'],
      ['.bashrc', 'exit 9\n', 'kernel'],
      ['.squashfsrc', '-comp gzip\n', 'rootfs'],
      ['.pyenv/shims/gcc', 'exit 9\n', 'tini'],
    ] as const);
    box.write(join(home, file), text);
    box.changed.clear();
    return { what: `~/${file}`, suspects: [target] };
  },
  tool: toolEdit,
  host: hostEdit,
  'extra program': (box, random) => {
    const name = random.pick([
      'clang',
      'pahole',
      'bindgen',
      'pkg-config',
      'git',
      'python3',
      'llvm-ar',
      'ccache',
      'distcc',
      'lld',
      'unsquashfs',
      'cc',
      'c99',
      'ksh',
      'gold',
      'sqfstar',
    ]);
    const where = random.pick(['before', 'after'] as const);
    box.program(name, `#!/bin/sh\necho '${name} 9.${random.int(99)}'\nexit ${random.int(2)}\n`, where);
    return {
      what: `${name} ${where} all others in PATH`,
      suspects: random.shuffle(['kernel-config', 'kernel', 'busybox', 'tini', 'rootfs', 'early-init']).slice(0, 2),
      programs: [name],
    };
  },
  'artifact of a dependency': (box, random) => {
    const dist = (file: string): string => `dist/${distOf(file)}`;
    const [file, act, target, counts] = random.pick<[string, (file: string) => void, string, boolean]>([
      [dist('early-init/layer.cpio'), (file) => box.write(file, box.readBytes(dist('bundle-shell/layer.cpio'))), 'initramfs', true],
      [dist('bundle-shell/layer.cpio'), (file) => box.write(file, box.readBytes(dist('bundle-web/layer.cpio'))), 'rootfs', true],
      [dist('kernel-config/config'), (file) => box.write(file, `${box.read(file)}CONFIG_EDITED=y\n`), 'kernel', true],
      [dist('busybox/layer.cpio'), (file) => box.write(file, Buffer.from('no archive')), random.pick(['rootfs', 'bundle-web']), true],
      [dist('bundle-web/note'), (file) => box.write(file, 'edited\n'), 'rootfs', false],
      [dist('kernel/inputs.json'), (file) => box.write(file, '{}\n'), 'iso', false],
      [dist('kernel/bzImage.old'), (file) => box.write(file, 'edited\n'), 'iso', false],
    ]);
    act(file);
    return { what: `${basename(dirname(file))}/${basename(file)} edited`, suspects: [target], ...(counts ? { named: [target] } : {}) };
  },
};

/** Another value in a service of the definition. */
function definitionEdit(box: Box, random: Random): Edit {
  const { name, bundle } = container(random);
  const [key, value] = random.pick<[string, unknown]>([
    ['pids_limit', 8 + random.int(20)],
    ['environment', { A: String(random.int(99)) }],
    ['hostname', `h${random.int(99)}`],
    ['mem_limit', `${16 + random.int(16)}m`],
  ]);
  editDefinition(box, (definition) => definition.setIn(['services', name, key], value));
  return { what: `${name}: ${key} in compose.yaml`, suspects: [bundle], named: [bundle] };
}
