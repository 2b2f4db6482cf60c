import { shellQuote } from '@container-os/core/portable';
import { CAPABILITIES } from '@container-os/compose-file/linux';
import type { Definition } from './definition.schema.d.ts';
import type { OciConfig } from './oci-config.ts';
import { userOf } from './values.ts';

type Hook = NonNullable<Definition['post_start']>[number];

/**
 * Functions of the supervisor's file, each of which appends the processes of its hooks, as the OCI runtime executes them in the container, to the
 * words of its caller and stops at the first one that fails.
 */
export function hookLines({ post_start = [], pre_stop = [] }: Definition, { process }: OciConfig): string[] {
  return Object.entries({ post_start, pre_stop }).flatMap(([name, hooks]) => {
    const calls = hooks.map((hook) => `"$@" ${shellQuote(JSON.stringify(processOf(hook, process)))}`);
    return calls.length > 0 ? [`${name}() { ${calls.join(' && ')}; }`] : [];
  });
}

/** The program of the container, but for what the hook says. */
function processOf({ command, user, privileged, working_dir, environment = {} }: Hook, process: OciConfig['process']): OciConfig['process'] {
  const names = Object.keys(environment);
  const kept = (process.env ?? []).filter((line) => !names.includes(line.slice(0, line.indexOf('='))));
  const all = [...CAPABILITIES].map((name) => `CAP_${name}`);
  return {
    ...process,
    terminal: false,
    args: [...command],
    env: [...kept, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)],
    ...(working_dir === undefined ? {} : { cwd: working_dir }),
    ...(user === undefined ? {} : { user: userOf({ user }) }),
    ...(privileged ? { capabilities: { bounding: all, effective: all, permitted: all } } : {}),
  };
}
