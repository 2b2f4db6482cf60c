// What the images with traits answer, by service, which is the name of the image: at each path, some of the lines that answer.c writes.

/** Who a program is that the image's USER names as 1001, whom /etc/passwd gives the group 1002 and /etc/group the group 2000. */
const APP = 'ids: 1001:1002 euid 1001 groups 1002 2000';
const NOTHING = 'CapEff:\t0000000000000000';
/** Docker's 14 capabilities. */
const ROOT = ['ids: 0:0 euid 0 groups 0', 'CapEff:\t00000000a80425fb'];

export const TRAITS: Record<string, Record<string, (string | RegExp)[]>> = {
  'user-name': {
    '/home/app': [
      APP,
      NOTHING,
      'NoNewPrivs:\t0',
      'raw socket: Operation not permitted',
      'directory: /home/app',
      'arguments: /answer one two',
      / 40755 1001:1002 /,
    ],
  },
  'user-number': { '/': [APP, NOTHING] },
  'user-group': { '/': ['ids: 1001:2000 euid 1001 groups 2000', NOTHING] },
  'user-unknown': { '/': ['ids: 4242:0 euid 4242 groups 0', NOTHING] },
  'stop-signal': { '/': [APP] },
  bare: {
    '/': [...ROOT, 'libc: glibc', 'directory: /', 'arguments: /answer'],
    // No such directories in the image.
    '/etc/passwd': ['/etc/passwd: No such file or directory'],
    '/tmp': ['/tmp: No such file or directory'],
  },
  'empty-layer': { '/': ROOT },
  'plain-layer': { '/plain': ['/plain: 100644 0:0 1 links 6 bytes: plain'] },
  'set-user-id': { '/answer': ['ids: 1001:1002 euid 0 groups 1002 2000', ROOT[1] ?? '', 'raw socket: yes', /^\/answer: 104755 0:0 /] },
  capability: { '/': [APP, 'CapEff:\t0000000000002000', 'raw socket: yes'] },
  musl: { '/': ['libc: musl', ...ROOT] },
  links: {
    '/bin': ['arguments: /bin/answer', /^\/bin: 120777 .*: usr\/bin$/],
    '/usr/bin': [/: answer through$/],
    '/var/run': [/^\/var\/run: 120777 .*: \/run$/],
    '/run/state': [/: state$/],
  },
  // What the OS mounts covers the image's files; /run and /tmp are directories of the root, as in Docker.
  occupied: {
    '/run/here': [/: here$/],
    '/tmp/here': [/: here$/],
    ...Object.fromEntries(['/dev/here', '/dev/shm/here', '/proc/here', '/sys/here'].map((path) => [path, [`${path}: No such file or directory`]])),
    '/etc/resolv.conf': [/^(?!.*192\.0\.2\.1)\/etc\/resolv.conf: 100644 /],
    '/etc/hosts': [/: 127\.0\.0\.1\s/],
  },
  removed: { '/a': [/bytes: 1 3$/], '/b': [/bytes: new$/], '/c': [/bytes:$/], '/opaque': [/bytes: new$/] },
  'hard-links': { '/first': ['/first: 100640 1:2 4 links 8 bytes: content'], '/late': ['/late: 100640 1:2 4 links 8 bytes: content'] },
  'changed-types': {
    '/directory-file': [/: 100644 .*: 2$/],
    '/directory-link': [/: 120777 .*: file-directory$/],
    '/file-directory': [/: 40755 .*: below$/],
    '/link-directory': [/: 40755 .*: below$/],
    '/link-directory-target/below': [/: 1$/],
  },
  owners: {
    '/owned/1': ['/owned/1: 100600 1:1 1 links 2 bytes: 1'],
    '/owned/65534': ['/owned/65534: 100600 65534:65534 1 links 6 bytes: 65534'],
    '/owned/65535': ['/owned/65535: 100600 65535:65535 1 links 6 bytes: 65535'],
  },
  large: { '/large': [/^\/large: 100644 0:0 1 links 300000000 bytes:/] },
  zstd: { '/': [APP, 'arguments: /answer one two'] },
  schema2: { '/': [APP, 'arguments: /answer one two'] },
  crane: { '/made-by': [/: crane$/] },
  'layers-127': { '/last': [/: 127$/], '/layers/2': [/: 2$/] },
  index: { '/': ROOT },
  health: { '/data': [...ROOT, /^\/data: 40755 0:0 /] },
};
