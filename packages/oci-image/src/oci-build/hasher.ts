import { hashTarget } from '@container-os/core/hasher';
import type { CustomHasher } from '@nx/devkit';
import { hashedInputs } from './inputs.ts';

/** A build's hash has its context as .dockerignore leaves it, which no option names file by file. */
const hasher: CustomHasher = (task, context) => hashTarget(task, context, hashedInputs);

export default hasher;
