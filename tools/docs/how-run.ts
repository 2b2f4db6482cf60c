/** How a documented command is shown to work. */
export type HowRun =
  /** Typed in a copy of the workspace whose compiles are stand-ins; must end with exit code 0. */
  | { in: 'copy'; /** What is typed instead, where the documents name a device or path of somebody's machine. */ as?: string }
  /** Typed there, and ended when its output has `until`; commands of the same block after it find it running. */
  | { in: 'copy'; until: string; as?: string }
  /** Typed in this workspace, which has the real artifacts; must end with exit code 0. */
  | { in: 'workspace' }
  /** Typed in this workspace, in a terminal: boots the real image until its shell, and powers it off there. With `page`: gets it before. */
  | { in: 'terminal'; page?: string }
  /** Run by this file, or by this script of package.json on behalf of `.ci/run`. */
  | { by: string }
  /** Not run at all, and why. */
  | { not: string };

const copy: HowRun = { in: 'copy' };
const ci: HowRun = { by: '.ci/run' };
const cosctl: HowRun = { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/50-cosctl.sh' };
const server: HowRun = { in: 'copy', until: '"msg":"listening"' } as const;
const network = 'upstream archives are not ours, and a test must not depend on them; packages/sources/test has tests of them where they answer';
const bench = 'it measures for minutes to an hour, and its figures mean nothing on a busy machine';
const run = 'demo-os:run is run, which is the same executor on an image with a console that a test can read';
const override = (keys: string): string => `echo 'x-os: { ${keys} }' >os-images/my-os/compose.override.yaml`;
const composeFile = "echo 'services: { web: { image: nginx } }' >compose.yaml";
const distcc = 'it needs distcc and other machines: npm run e2e:distcc makes two of network namespaces, as root';

/**
 * Every command of the documents and of the end of `npm run iso`. documented.test.ts fails for a command that is not here, and for an
 * entry that no document has; documented.e2e.test.ts runs them.
 */
export const HOW_RUN: Record<string, HowRun> = {
  'npm run bootstrap': copy,
  'npm install': { not: 'it asks the registry; npm ci, which links the packages too, is the first thing that a clone needs' },
  'npm run iso': copy,
  'npm run iso -- -c upstream': { not: network },
  'npm test': ci,
  'npm run test:rest': ci,
  'npm run check': ci,
  'npm run compose:oracle': { not: 'it asks the live reference, which apt fetches; the unit tests compare with its recorded answers' },
  'npm run compose:leaves': { not: 'it asks the live reference, which apt fetches; the unit tests compare with its recorded answers' },
  'npm run s3': ci,
  '.ci/run': { not: 'it is what runs this' },
  'npm run generate': copy,
  'node --import @swc-node/register/esm-register tools/kernel-symbols.ts': copy,
  'npm run e2e:stacks': { not: 'it boots five images four times each; npm run e2e:oci does so with two of them' },
  'npx nx add @container-os/image': { by: 'tools/foreign.e2e.test.ts' },
  'npx nx migrate @container-os/image': { by: 'tools/foreign.e2e.test.ts' },
  'npx nx migrate --run-migrations': { by: 'tools/foreign.e2e.test.ts' },
  'npx @container-os/compose check compose.yaml': { by: 'tools/foreign.e2e.test.ts' },
  'npx @container-os/compose config': { by: 'tools/foreign.e2e.test.ts' },
  'npx nx run edge:run': { by: 'tools/foreign.e2e.test.ts' },
  'npx nx run edge:doctor': { by: 'tools/foreign.e2e.test.ts' },
  'npm run registry': { not: 'it serves until it is ended, at a fixed port; npm run e2e:foreign starts the same at a free one' },
  'npx nx release --skip-publish --first-release': { not: 'it commits and tags; with --dry-run it was run by hand' },
  'npm run e2e:foreign': { not: 'it is a test itself, of half an hour' },
  'npx nx run tools:build-packages': { by: 'tools/packages.e2e.test.ts' },
  'npm run e2e:disk': { not: 'it needs root and a registry of 1.2 GB, and boots ten times' },
  'npm run e2e:traps': { not: 'it needs root and a registry of 1.2 GB, and boots five times' },
  'npm run e2e:real': { not: 'it compiles Linux several times, in half an hour; npm run e2e:long runs the same test with stand-ins' },
  'npm run e2e:distcc': { not: 'it needs root, network namespaces and distcc' },
  'npm run cache-truth': { not: 'it takes long; npm run e2e:short and e2e:long run short ones' },
  'npm run cache-truth -- --edits=500': { not: 'it takes long; npm run e2e:short and e2e:long run short ones' },
  'npm run observed-reads': { by: 'tools/observed-reads.e2e.test.ts' },
  'npm run bench': { not: bench },
  'npm run bench -- --only=size,boot --without-reference': { not: bench },
  'npm run bench:cache': { not: bench },

  'npx nx graph': { in: 'copy', until: 'Project graph started at' },
  'npx nx show project demo-os': copy,
  // Of a cache of its own: all after it would be built again.
  'npx nx reset': { in: 'copy', as: 'NX_CACHE_DIRECTORY=$PWD/.nx/other npx nx reset' },
  'rm -rf ~/.cache/container-os': copy,
  'npx nx run base-vm:kernel-config': copy,
  'npm run why -- demo-os:iso': copy,
  'npx nx run demo-os:budget': ci,
  'npx nx run demo-os:qemu-test': ci,
  'npx nx run demo-os:qemu-test--iso-bios': ci,
  'npx nx run demo-os:qemu-test -c upstream': { not: network },
  'npx nx run demo-os:qemu-machines': { not: 'it takes more than an hour; npm test runs six of its machines' },
  'npx nx run tools:mutations': { not: 'it takes half an hour' },
  'npx nx run demo-os:qemu-test -c busy': { not: 'it takes a quarter of an hour, and slows down whatever runs beside it' },
  'npx nx run tools:mutations -c busy': { not: 'it takes a quarter of an hour, and slows down whatever runs beside it' },
  'npx nx run demo-os:qemu-soak': { not: 'it takes half an hour; demo-os:qemu-test runs the same executor and the same self-tests' },
  'npx nx run base-vm:kernel-hardening': { in: 'workspace' },
  'npx nx run tools:reproducible': {
    not: 'it takes up to 45 minutes; tools/other-image.e2e.test.ts runs it for one target, and the release workflow compares two machines',
  },
  'npx nx run shop:iso': copy,
  'npx nx run shop:qemu-test': copy,
  'npx nx run shop:run --forward=8080:8080': { not: run },
  'npx nx g @container-os/image:image my-os': copy,
  'npx nx g @container-os/image:image os/edge --from compose.yaml': {
    in: 'copy',
    as: `${composeFile} && npx nx g @container-os/image:image os/edge --from compose.yaml --dry-run && rm compose.yaml`,
  },
  'npx nx g @container-os/image:image os/shop --app api --base node:22-slim --port 3000': { by: 'tools/generators.e2e.test.ts' },
  'npx nx g @container-os/image:compose compose.yaml': {
    in: 'copy',
    as: `${composeFile} && npx nx g @container-os/image:compose compose.yaml && rm compose.yaml`,
  },
  'npx nx g @container-os/image:container hello --image my-os': copy,
  'npx nx g @container-os/image:artifact-plugin agent': { in: 'copy', as: 'npx nx g @container-os/image:artifact-plugin agent --dry-run' },
  'npx nx run my-os:iso': copy,
  'npx nx run my-os:verify-prebuilt': { by: 'tools/prebuilt.e2e.test.ts' },
  'npx nx run-many -t prebuild': { by: 'tools/prebuilt.e2e.test.ts' },
  'npx nx run base-vm:update-prebuilt': { by: 'tools/prebuilt.e2e.test.ts' },
  'nx run base-vm:update-prebuilt': { by: 'tools/prebuilt.e2e.test.ts' },
  'npx nx run base-vm:prebuild --origin=https://HOST/prebuilt/files --serial=1': { by: 'tools/prebuilt.e2e.test.ts' },
  'cp -r dist/prebuilt/vm-amd64 ~/public && cd ~/public': { by: 'tools/prebuilt.e2e.test.ts' },
  'openssl genpkey -algorithm ed25519 -out ~/prebuilt-key.pem': { by: 'tools/prebuilt.e2e.test.ts' },
  'openssl pkeyutl -sign -rawin -inkey ~/prebuilt-key.pem -in prebuilt.lock.json -out prebuilt.lock.json.sig': { by: 'tools/prebuilt.e2e.test.ts' },
  'openssl pkey -in ~/prebuilt-key.pem -pubout -out prebuilt.lock.json.pub': { by: 'tools/prebuilt.e2e.test.ts' },
  'openssl pkey -in ~/prebuilt-key.pem -pubout -outform DER | sha256sum': { by: 'tools/prebuilt.e2e.test.ts' },
  'npx nx run my-os:qemu-test': copy,
  'npx nx run my-os:doctor': copy,
  'export CONTAINER_OS_DEBIAN_MIRROR=https://HOST/debian': { by: 'packages/sources/test/debian.test.ts' },
  'npx nx run my-os:run': { not: run },
  'npx nx run my-os:update-sources': { by: 'tools/oci-images.e2e.test.ts' },
  'nx run shop:update-sources': { by: 'tools/oci-images.e2e.test.ts' },
  'nx run base-vm:update-sources': { not: network },
  'npx nx run my-os:kernel-config': { in: 'copy', as: `${override('kernel: { fragments: [kernel/erofs.config] }')} && npx nx run my-os:kernel-config` },
  'npx nx run my-os:iso -c small': {
    in: 'copy',
    as: `${override('configurations: { small: { services: [web], dataDisk: none } }')} && npx nx run my-os:iso -c small`,
  },
  'npx nx run base-vm:update-sources': { not: network },

  'npx nx run demo-os:run': { in: 'terminal' },
  'npx nx run demo-os:run --boot=direct': { in: 'terminal' },
  'npx nx run demo-os:run --boot=iso-uefi': { in: 'terminal' },
  'npx nx run demo-os:run --forward=8080:8080': { in: 'terminal', page: 'http://127.0.0.1:8080/' },
  'qemu-system-x86_64 -m 512 -nographic -cdrom dist/os-images/demo-os/demo-os.iso': { by: 'packages/qemu/src/qemu-machines/table.ts' },
  'sudo dd if=dist/os-images/demo-os/demo-os.iso of=/dev/sdX bs=4M conv=fsync': {
    in: 'copy',
    as: 'dd if=dist/os-images/demo-os/demo-os.iso of=stick bs=4M conv=fsync',
  },
  'mkfs.ext4 -L containeros-data /dev/sdX': { in: 'copy', as: 'truncate --size=16M disk && PATH=$PATH:/usr/sbin mkfs.ext4 -L containeros-data disk' },
  'zstd -dc dist/container-os/base/vm/initramfs/initramfs.img | cpio -tv': copy,

  'cosctl inspect': cosctl,
  'cosctl list': cosctl,
  'cosctl logs <name>': cosctl,
  'cosctl logs hello': { by: 'packages/cosctl/test/cosctl.test.ts' },
  'cosctl logs web': { by: 'packages/cosctl/test/cosctl.test.ts' },
  'npm run compose -- check FILE': { by: 'packages/compose/test/compose.test.ts' },
  'cosctl start <name>': cosctl,
  'cosctl prune': { by: 'packages/cosctl/test/prune.test.ts' },
  'cosctl delete': { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/55-create.sh' },
  'cosctl delete NAME': { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/55-create.sh' },
  'npx nx run my-os:run --secrets=./secrets': { by: 'tools/mounts.e2e.test.ts' },
  'nx run my-os:run --secrets=./secrets': { by: 'tools/mounts.e2e.test.ts' },
  'cosctl inspect <name>': cosctl,
  'cosctl create --start --from hello other': { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/55-create.sh' },
  'cosctl create': { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/55-create.sh' },
  'cosctl create other DIRECTORY': { by: 'packages/system/rootfs/usr/lib/container-os/self-test.d/55-create.sh' },

  'npm run --silent build -w packages/cache-server': copy,
  'node dist/packages/cache-server/src/main.js token create --tokens tokens.json --name ci --scope read-write': copy,
  'node dist/packages/cache-server/src/main.js token create --tokens tokens.json --name everybody': copy,
  'node dist/packages/cache-server/src/main.js serve --tokens tokens.json --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem': server,
  'export NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN=…': copy,
  'node dist/packages/cache-server/src/main.js relay --upstream https://cache.example.org:8787 -- npx nx run demo-os:iso': copy,
  'node dist/packages/cache-server/src/main.js relay --upstream https://cache.example.org -- npx nx affected -t iso': copy,
  'alias cache-server="node $PWD/dist/packages/cache-server/src/main.js"': copy,
  'cache-server serve --directory /var/cache/nx': { ...server, as: 'cache-server serve --directory nx-entries' },
  'NX_SELF_HOSTED_REMOTE_CACHE_SERVER=http://127.0.0.1:8787 npx nx run-many -t build': copy,
  'cache-server token create --tokens tokens.json --name main --scope read-write': copy,
  'cache-server token create --tokens tokens.json --name pr --scope read-write --namespace pr --reads trusted,pr': copy,
  'cache-server token create --tokens tokens.json --name everybody --expires 90d': copy,
  'cache-server serve --tokens tokens.json --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --audit-log audit.jsonl': server,
  'cache-server relay': { by: 'packages/cache-server/test/relay/faults.e2e.test.ts' },
  'cache-server stats': copy,
  'cache-server verify': copy,
  'cache-server delete <hash>': { by: 'packages/cache-server/test/delete.test.ts' },
  'cache-server gc --max-size 5GB': copy,
  'cache-server token revoke --name pr --tokens tokens.json': copy,
  'export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…': { by: 'packages/cache-server/test/stores/s3.test.ts' },
  'cache-server serve --store s3 --s3-bucket nx-cache --s3-endpoint https://objects.example.org --tokens tokens.json --host 0.0.0.0': {
    by: 'packages/cache-server/test/stores/s3.test.ts',
  },
  'openssl genpkey -algorithm ed25519 -out ci.key.pem': copy,
  'openssl pkey -in ci.key.pem -pubout -out team.pub.pem': copy,

  "export CONTAINER_OS_COMPILER_LAUNCHER='ccache distcc'": { not: distcc },
  "export DISTCC_HOSTS='build-1/16 build-2/16'": { not: distcc },
  "export CCACHE_REMOTE_STORAGE='file:/net/ccache|read-only'": { not: distcc },
  'npx nx run base-vm:kernel': { not: `${distcc}; without it, the kernel is part of demo-os:iso` },
};
