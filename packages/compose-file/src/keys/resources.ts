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

/** Keys of a network. */
export const networkKeys = {
  name: key(text(), 'Real name of the network.', withoutEffect('The network is known by its key.')),
  driver: key(text(), 'Driver of the network: bridge, or overlay, which is a bridge on one machine.', done),
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
    done,
  ),
  external: key(external({ open: false }), 'The network exists already: the image makes it, for its own services.', done),
  internal: key(flag(), 'No way out of the network.', done, { cast: 'boolean' }),
  enable_ipv4: key(optionalFlag(), 'The network has IPv4 addresses.', done, {
    cast: 'boolean',
  }),
  enable_ipv6: key(optionalFlag(), 'The network has IPv6 addresses.', done, {
    cast: 'boolean',
  }),
  attachable: key(flag(), 'Containers outside a swarm may join.', withoutEffect('Only a swarm reads this key.'), { cast: 'boolean' }),
  labels: key(labels(), 'Labels of the network.', NO_LABELS, { merge: 'lists', identity: byName }),
};
/** Keys of a volume. */
export const volumeKeys = {
  name: key(text(), 'Real name of the volume.', done),
  driver: key(text(), 'Driver of the volume: local, the only one that the OS has.', done),
  driver_opts: key(
    options(TEXT_OR_NUMBER, { names: '^.+$', open: true }),
    'Options of the driver: type none with o bind is a bind of device, type tmpfs a directory in memory; others are refused.',
    done,
  ),
  external: key(external({ open: false }), 'The volume exists already: a directory of the data disk with this name, made when it is not there.', done),
  labels: key(labels(), 'Labels of the volume.', NO_LABELS, { merge: 'lists' }),
};

const NO_DRIVERS = refused('The OS has no drivers for secrets and configs.', 'Delete the key; `external: true` takes the content from the data disk.');

const source = {
  name: key(text(), 'Real name.'),
  environment: key(text(), 'Environment variable that has the content.'),
  file: key(text(), 'Path of the file that has the content.', undefined, { resolve: resolveFile }),
  external: key(external({ open: true }), 'It exists already.'),
  labels: key(labels(), 'Labels.', NO_LABELS),
  template_driver: key(text(), 'Driver that fills in a template.', NO_DRIVERS),
};

/** Keys of a secret. */
export const secretKeys = {
  ...source,
  driver: key(text(), 'Driver that keeps the secret.', NO_DRIVERS),
  driver_opts: key(textDictionary({ kind: 'dictionary', names: '^.+$', values: TEXT_OR_NUMBER, open: true }), 'Options of the driver.', NO_DRIVERS),
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
  done,
);
export const configs = key(
  dictionaryOf(ruled(struct(configKeys), { long: longExternal, check: checkSource('file', 'environment', 'content') }), { names: NAMES }),
  'Configs, by name.',
  done,
);
export const models = key(
  dictionaryOf(struct(modelKeys, { required: ['model'] }), { names: NAMES, open: true }),
  'AI models, by name.',
  refused('The OS runs no models.', 'Write a service that runs the model.'),
);
