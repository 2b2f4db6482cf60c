import { BuildError } from '@container-os/core/errors';
import type { TargetConfiguration } from '@nx/devkit';
import type { TargetPlan } from './target.ts';

/** The target that stands for all ways to boot; each way is a target of its own, `qemu-test--iso-bios`, which Nx caches by itself. */
export const PARENT = 'qemu-test';

const PART = `${PARENT}--`;

/** Ways to boot that are tested unless `test.boots` says otherwise. */
const BOOTS = ['direct', 'iso-bios', 'iso-uefi'];

/**
 * The boot tests of an image, by target.
 *
 * @param test `x-os.test`: options of `qemu-test`, and `boots`
 * @param place of `x-os.test`, for an error
 * @throws BuildError X_OS_INVALID
 */
export function bootTests({ boots = BOOTS, ...options }: Record<string, unknown>, place: string): Record<string, TargetPlan> {
  if (!isTexts(boots) || boots.length === 0) {
    throw new BuildError('X_OS_INVALID', `${place}: x-os.test.boots: expected a list of ways to boot, got ${JSON.stringify(boots)}`, {
      hint: `Write a list such as [${BOOTS.join(', ')}].`,
    });
  }
  const ways = [...new Set(boots)];
  return Object.fromEntries(
    ways.map((boot, index): [string, TargetPlan] => {
      // The last of several goes by this machine's clock, as on the machines of users.
      const clock = ways.length > 1 && index === ways.length - 1 ? { clock: 'machine' } : {};
      const description = `Boots the image (${boot}), and checks its own report`;
      return [`${PART}${boot}`, { executor: '@container-os/qemu:qemu-test', description, options: { boot, ...clock, ...options } }];
    }),
  );
}

/** The parent of those of `targets` that are boot tests, with what is given to it handed on: configuration, options, command line. */
export function bootTestsParent(targets: Readonly<Record<string, TargetConfiguration>>, prefix: string): TargetConfiguration {
  const parts = partsOf(targets, prefix);
  const configurations = [...new Set(parts.flatMap((part) => Object.keys(targets[part]?.configurations ?? {})))];
  return {
    executor: 'nx:noop',
    cache: true,
    inputs: [{ externalDependencies: [] }],
    outputs: [],
    ...(configurations.length > 0 ? { configurations: Object.fromEntries(configurations.map((name) => [name, {}])) } : {}),
    dependsOn: parts.map((target) => ({ target, params: 'forward', options: 'forward' })),
    metadata: { description: 'Boots an image in each way that it can be booted, and checks its own report: a target for each way' },
  };
}

/** How Nx's views group the targets. */
export function bootTestsGroup(targets: Readonly<Record<string, TargetConfiguration>>, prefix: string): Record<string, string[]> {
  return { 'Boot tests': [`${prefix}${PARENT}`, ...partsOf(targets, prefix)] };
}

function partsOf(targets: Readonly<Record<string, TargetConfiguration>>, prefix: string): string[] {
  return Object.keys(targets).filter((name) => name.startsWith(`${prefix}${PART}`));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
