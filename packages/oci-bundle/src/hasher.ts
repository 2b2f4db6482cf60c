import { hashTarget } from '@container-os/core/hasher';
import type { CustomHasher } from '@nx/devkit';
import { readValues } from './contents.ts';

/** A bundle's hash has the environment of its service, and its secrets and configs, which are in no option. */
const hasher: CustomHasher = (task, context) => hashTarget(task, context, readValues);

export default hasher;
