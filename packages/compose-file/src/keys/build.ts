import { listOf, struct, texts } from './collections.ts';
import { fillBuild } from './checks.ts';
import { byName } from './identity.ts';
import { also, key, ruled } from './key.ts';
import { longBuild, longContexts, longSsh, longText } from './long-forms.ts';
import { hosts, labels, sshKeys, variables } from './pairs.ts';
import { resolveContext } from './paths.ts';
import { BOOLEAN, flag, INTEGER, size, text, TEXT } from './scalars.ts';
import { mountedFiles, ulimits } from './shapes.ts';

const contexts = labels();

/** Keys of `build`. */
export const buildKeys = {
  context: key(text(), 'Directory or URL of the files that the build reads.', undefined, { resolve: resolveContext }),
  dockerfile: key(text(), 'Path of the Dockerfile, relative to the context.'),
  dockerfile_inline: key(text(), 'The Dockerfile itself.'),
  entitlements: key(texts(), 'Privileges that the build may use.'),
  args: key(variables(), 'Build arguments.', undefined, { merge: 'lists', identity: byName }),
  ssh: key(sshKeys(), 'SSH keys that the build may use.', undefined, { long: longSsh }),
  labels: key(labels(), 'Labels of the image.', undefined, { merge: 'lists', identity: byName }),
  cache_from: key(texts(), 'Where the build reads its cache from.'),
  cache_to: key(texts(), 'Where the build writes its cache to.'),
  no_cache: key(flag(), 'Build without the cache.'),
  additional_contexts: key(
    {
      ...contexts,
      forms: contexts.forms.map((form) =>
        form.kind === 'dictionary' && form.values ? { ...form, values: { ...form.values, resolve: resolveContext } } : form,
      ),
    },
    'Further directories, images or services that the build reads, by name.',
    undefined,
    { merge: 'lists', identity: byName, long: longContexts },
  ),
  network: key(text(), 'Network of the build.'),
  provenance: key({ ...text(), forms: [TEXT, BOOLEAN] }, 'Attest where the image comes from.', undefined, { long: longText }),
  sbom: key({ ...text(), forms: [TEXT, BOOLEAN] }, 'Attest what the image contains.', undefined, { long: longText }),
  pull: key(flag(), 'Fetch base images even if they are there.'),
  target: key(text(), 'Stage of the Dockerfile.'),
  shm_size: key(size(INTEGER, TEXT), 'Size of /dev/shm in the build.'),
  extra_hosts: key(hosts(), 'Further host names in the build.', undefined, { merge: 'hosts' }),
  isolation: key(text(), 'Isolation technology of the build.'),
  privileged: key(flag(), 'Build with all privileges.'),
  secrets: key(listOf(mountedFiles), 'Secrets that the build may read.'),
  tags: key(texts(), 'Names of the image, beside "image".', undefined, { identity: byName }),
  ulimits: key(ulimits({ ofService: false }), 'Limits of setrlimit(2) in the build.'),
  platforms: key(texts(), 'Platforms of the image.'),
};

export const build = ruled(also(struct(buildKeys), TEXT), { merge: 'build', long: longBuild, fill: fillBuild });
