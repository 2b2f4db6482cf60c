import { hashTarget } from '@container-os/core/hasher';
import type { CustomHasher } from '@nx/devkit';

/** A bundle's hash has the environment of its service, and its secrets and configs, which are in no option. */
const hasher: CustomHasher = (task, context) =>
  hashTarget(task, context, ({ environment, contents, binds }) =>
    environment || contents || binds ? import('./contents.ts').then(({ readValues }) => readValues) : undefined,
  );

export default hasher;
