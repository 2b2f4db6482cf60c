import { checkNotEmpty } from './checks.ts';
import { dictionaryOf, listOf, options, printed, struct, textOrTexts, texts } from './collections.ts';
import { also, always, done, key, type Key } from './key.ts';
import { longList } from './long-forms.ts';
import { resolvePath } from './paths.ts';
import { BOOLEAN, flag, integer, NUMBER, text, TEXT } from './scalars.ts';
import { hook, names } from './shapes.ts';
import { list } from './tree.ts';

export const TEXT_OR_NUMBER: Key = { forms: [TEXT, NUMBER], type: text().type };
/** Names of services, networks, volumes and so on. */
export const NAMES = '^[a-zA-Z0-9._-]+$';

const dependency = struct(
  {
    condition: key(text({ values: ['service_started', 'service_healthy', 'service_completed_successfully'] }), 'What has to be true of the other service.'),
    restart: key(flag(), 'Restart with the other service.'),
    required: key(always({ ...flag(), forms: [BOOLEAN] }, false), 'false: the other service may be missing, or fail.'),
  },
  { required: ['condition'] },
);
/** Services that start first. */
export const dependencies = also(dictionaryOf(dependency, { names: NAMES }), ...texts({ unique: true }).forms);

/** Of a network, and of a service in it. */
export const networkDriverOptions = key(options(TEXT_OR_NUMBER, { names: '^.+$', open: true }), 'Options of the driver.', done);

/** Keys of a service's network. */
export const joinedNetwork = struct({
  aliases: key(names(true), 'Further host names on the network.', done),
  interface_name: key(text(), 'Name of the interface.', done),
  ipv4_address: key(text(), 'Fixed IPv4 address.', done),
  ipv6_address: key(text(), 'Fixed IPv6 address.', done),
  link_local_ips: key(names(true), 'Link-local addresses.', done),
  mac_address: key(text(), 'MAC address.', done),
  driver_opts: networkDriverOptions,
  priority: key(integer(NUMBER), 'The network with the highest number is joined first.', done),
  gw_priority: key(integer(NUMBER), 'The network with the highest number has the default route.', done),
});

/** Keys of a service's model. */
export const joinedModel = struct({
  endpoint_var: key(text(), 'Variable that has the URL of the model.'),
  model_var: key(text(), 'Variable that has the name of the model.'),
});

/** An item of `develop.watch`. */
export const watched = struct(
  {
    path: key(always(text(), ''), 'Path that is watched.', undefined, { resolve: resolvePath, check: checkNotEmpty }),
    action: key(always(text({ values: ['rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'] }), ''), 'What happens when it changes.'),
    target: key(text(), 'Path in the container.'),
    exec: key(always(hook, { command: null }), 'Command that runs after the copy.'),
    include: key(textOrTexts({ unique: true }), 'Files that count.', undefined, { long: longList }),
    ignore: key(textOrTexts({ unique: true }), 'Files that do not count.', undefined, { long: longList }),
    initial_sync: key({ ...flag(), forms: [BOOLEAN] }, 'Copy all at the start.'),
  },
  { required: ['path', 'action'] },
);

const SCALARS_OF_PROVIDER: Key = { forms: [TEXT, NUMBER, BOOLEAN], type: text().type };
const manyOptions = printed(SCALARS_OF_PROVIDER);
/** One value, or a list. */
export const providerOption: Key<readonly string[]> = {
  forms: [...SCALARS_OF_PROVIDER.forms, ...manyOptions.forms],
  type: {
    ...manyOptions.type,
    decode(node, at) {
      const values = manyOptions.type.decode(node.kind === 'scalar' ? list([node], node.place) : node, at);
      return values && values.length > 0 ? values : undefined;
    },
  },
};

const envFile = struct(
  {
    path: key(text(), 'Path of the file.', undefined, { resolve: resolvePath }),
    format: key(text(), 'raw: nothing in the file is interpolated.'),
    required: key(flag(), 'false: the file may be missing.'),
  },
  { required: ['path'], extensible: false },
);
/** Files with environment variables. */
export const envFiles = also(listOf(also(envFile, TEXT)), TEXT);
