import { alwaysStruct, dictionaryOf, listOf, options, struct, textDictionary, texts, unread } from './collections.ts';
import { checkSource, checkVolume } from './checks.ts';
import { byName } from './identity.ts';
import { also, done, key, refused, ruled, withoutEffect } from './key.ts';
import { longExternal } from './long-forms.ts';
import { labels } from './pairs.ts';
import { resolveFile, resolveVolume } from './paths.ts';
import { flag, INTEGER, integer, NULL, optionalFlag, text, TEXT } from './scalars.ts';
import { NAMES, networkDriverOptions, TEXT_OR_NUMBER } from './service-shapes.ts';
import { external } from './shapes.ts';

const NO_LABELS = withoutEffect('Nothing on the OS reads labels.');
const EXTERNAL = refused('Everything that the OS has is in the image.', 'Delete `external`.');

/** Keys of a network. */
export const networkKeys = {
  name: key(text(), 'Real name of the network.', withoutEffect('The network is known by its key.')),
  driver: key(text(), 'Driver of the network.', refused('Networks of the OS are CNI lists.', 'Name a CNI list of the image.')),
  driver_opts: networkDriverOptions,
  ipam: key(
    alwaysStruct({
      driver: key(text(), 'Driver that gives addresses.'),
      config: key(
        listOf(
          struct({
            subnet: key(text(), 'Subnet, such as 10.1.0.0/16.'),
            ip_range: key(text(), 'Part of the subnet that containers get addresses of.'),
            gateway: key(text(), 'Address of the gateway.'),
            aux_addresses: key(options({ forms: [TEXT], type: text().type }, { names: '^.+$' }), 'Addresses that are taken, by host name.'),
          }),
        ),
        'Subnets.',
        undefined,
        { merge: 'pools' },
      ),
      options: key({ ...options({ forms: [TEXT], type: text().type }, { names: '^.+$' }), type: unread }, 'Options of the driver.'),
    }),
    'Addresses of the network.',
    refused('Networks of the OS are CNI lists.', 'Write the subnet in the CNI list.'),
  ),
  external: key(external({ open: false }), 'The network exists already.', EXTERNAL),
  internal: key(flag(), 'No way out of the network.', done, { cast: 'boolean' }),
  enable_ipv4: key(optionalFlag(), 'The network has IPv4 addresses.', refused('Networks of the OS are CNI lists.', 'Write the addresses in the CNI list.'), {
    cast: 'boolean',
  }),
  enable_ipv6: key(optionalFlag(), 'The network has IPv6 addresses.', refused('Networks of the OS are CNI lists.', 'Write the addresses in the CNI list.'), {
    cast: 'boolean',
  }),
  attachable: key(flag(), 'Containers outside a swarm may join.', withoutEffect('Only a swarm reads this key.'), { cast: 'boolean' }),
  labels: key(labels(), 'Labels of the network.', NO_LABELS, { merge: 'lists', identity: byName }),
};
/** Keys of a volume. */
export const volumeKeys = {
  name: key(text(), 'Real name of the volume.', done),
  driver: key(text(), 'Driver of the volume.', refused('A volume is a directory of the data disk.', 'Delete `driver`.')),
  driver_opts: key(
    options(TEXT_OR_NUMBER, { names: '^.+$', open: true }),
    'Options of the driver.',
    refused('A volume is a directory of the data disk.', 'Delete `driver_opts`.'),
  ),
  external: key(external({ open: false }), 'The volume exists already.', EXTERNAL),
  labels: key(labels(), 'Labels of the volume.', NO_LABELS, { merge: 'lists' }),
};

const NO_SECRETS = refused('The OS mounts no secrets and configs.', 'Put the file into the root of the service.');

const source = {
  name: key(text(), 'Real name.'),
  environment: key(text(), 'Environment variable that has the content.'),
  file: key(text(), 'Path of the file that has the content.', undefined, { resolve: resolveFile }),
  external: key(external({ open: true }), 'It exists already.'),
  labels: key(labels(), 'Labels.'),
  template_driver: key(text(), 'Driver that fills in a template.'),
};

/** Keys of a secret. */
export const secretKeys = {
  ...source,
  driver: key(text(), 'Driver that keeps the secret.'),
  driver_opts: key(textDictionary({ kind: 'dictionary', names: '^.+$', values: TEXT_OR_NUMBER, open: true }), 'Options of the driver.'),
};

/** Keys of a config. */
export const configKeys = { ...source, content: key(text(), 'The content itself.') };

/** Keys of a model. */
export const modelKeys = {
  name: key(text(), 'Real name.'),
  model: key(text(), 'Image of the model.'),
  context_size: key(integer(INTEGER), 'Size of the context.'),
  runtime_flags: key(texts(), 'Flags of the program that runs the model.'),
};

export const networks = key(
  dictionaryOf(ruled(also(struct(networkKeys), NULL), { long: longExternal }), { names: NAMES, open: true }),
  'Networks, by name.',
  done,
);
export const volumes = key(
  dictionaryOf(ruled(also(struct(volumeKeys), NULL), { long: longExternal, check: checkVolume, resolve: resolveVolume }), { names: NAMES }),
  'Volumes, by name.',
  done,
);
export const secrets = key(
  dictionaryOf(ruled(struct(secretKeys), { long: longExternal, check: checkSource('file', 'environment') }), { names: NAMES }),
  'Secrets, by name.',
  NO_SECRETS,
);
export const configs = key(
  dictionaryOf(ruled(struct(configKeys), { long: longExternal, check: checkSource('file', 'environment', 'content') }), { names: NAMES }),
  'Configs, by name.',
  NO_SECRETS,
);
export const models = key(
  dictionaryOf(struct(modelKeys, { required: ['model'] }), { names: NAMES, open: true }),
  'AI models, by name.',
  refused('The OS runs no models.', 'Write a service that runs the model.'),
);
