import type { Definition, OciConfig } from '@container-os/oci-bundle/container';
import { JSON_OPTION, type Command } from '../command.ts';
import { requireContainer, STATE } from '../containers.ts';
import { CommandError } from '../system.ts';

export const inspect: Command = {
  usage: 'NAME',
  summary: 'show the state, definition, opt-outs and OCI configuration of a container',
  details: 'The output is JSON, with or without --json.',
  options: JSON_OPTION,
  positionals: [1, 1],
  run({ positionals: [name = ''] }, system) {
    const container = requireContainer(system, name);
    const bundle = `${STATE}/${name}/bundle`;
    const text = system.read(`${bundle}/config.json`);
    if (text === undefined) throw new CommandError(`${bundle}/config.json cannot be read`);
    const config = JSON.parse(text) as OciConfig;
    // A container that was created from an OCI bundle has no definition.
    const definition = JSON.parse(system.read(`${bundle}/definition.json`) ?? 'null') as Definition | null;
    const writableLayer = writableLayerOf(system.read(`${STATE}/${name}/writable-layer`));
    const facts = { writableLayer, optOuts: definition ? optOuts(definition) : optOutsOf(config), definition, config };
    system.print(`${JSON.stringify({ ...container, ...facts }, null, 2)}\n`);
    return 0;
  },
};

/** Where writes to the root go: disk, memory or none; null before the container's first start. */
function writableLayerOf(text: string | undefined): string | null {
  return text === undefined ? null : text.trim() || 'none';
}

/** The keys with which a definition weakens the isolation that its profile has by default, as the definition writes them. */
export function optOuts({ 'x-profile': profile, cap_add = [], network_mode, read_only, security_opt = [], userns_mode, volumes = [] }: Definition): string[] {
  const hardened = profile === 'hardened';
  return [
    ...(userns_mode === 'host' ? ['userns_mode: host'] : []),
    ...(network_mode === 'host' ? ['network_mode: host'] : []),
    ...(hardened && read_only === false ? ['read_only: false'] : []),
    ...security_opt.filter((one) => one === 'seccomp:unconfined' || (hardened && one.endsWith(':false'))).map((one) => `security_opt: ${one}`),
    ...cap_add.map((one) => `cap_add: ${one}`),
    // A path of the OS; a name is a volume.
    ...volumes.flatMap((one) => {
      if (typeof one === 'string') return one.startsWith('/') ? [`volumes: ${one}`] : [];
      return one.type === 'bind' ? [`volumes: ${one.source}:${one.target}`] : [];
    }),
  ];
}

/** The same for an OCI configuration without a definition; single capabilities are not compared. */
function optOutsOf({ process, root, linux = {} }: OciConfig): string[] {
  const kinds = ((linux['namespaces'] ?? []) as { type: string }[]).map(({ type }) => type);
  return [
    ...(kinds.includes('user') ? [] : ['userns_mode: host']),
    ...(kinds.includes('network') ? [] : ['network_mode: host']),
    ...(root.readonly ? [] : ['read_only: false']),
    ...(linux.seccomp ? [] : ['security_opt: seccomp:unconfined']),
    ...(process['noNewPrivileges'] ? [] : ['security_opt: no-new-privileges:false']),
  ];
}
