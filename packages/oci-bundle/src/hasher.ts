import { hashTarget } from '@container-os/core/hasher';
import type { CustomHasher } from '@nx/devkit';
import { readEnvironment } from './environment.ts';

/** A bundle's hash has the environment of its service, which is in no option. */
const hasher: CustomHasher = (task, context) => hashTarget(task, context, readEnvironment);

export default hasher;
