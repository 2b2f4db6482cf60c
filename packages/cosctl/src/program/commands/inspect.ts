import { optOuts, type Definition, type OciConfig } from '@container-os/oci-bundle/container';
import { JSON_OPTION, type Command } from '../command.ts';
import { requireContainer, STATE } from '../containers.ts';
import { CommandError } from '../system.ts';

export const inspect: Command = {
  usage: 'NAME',
  summary: 'show the state, definition, opt-outs and OCI configuration of a container',
  details: 'The output is JSON, with or without --json.',
  options: JSON_OPTION,
  positionals: [1, 1],
  run({ positionals: [typed = ''] }, system) {
    const container = requireContainer(system, typed);
    const bundle = `${STATE}/${container.name}/bundle`;
    const text = system.read(`${bundle}/config.json`);
    if (text === undefined) throw new CommandError(`${bundle}/config.json cannot be read`);
    const config = JSON.parse(text) as OciConfig;
    // A container that was created from an OCI bundle has no definition.
    const definition = JSON.parse(system.read(`${bundle}/definition.json`) ?? 'null') as Definition | null;
    const opted = definition ? optOuts(definition).map(({ text: one }) => one) : optOutsOf(config);
    const writableLayer = writableLayerOf(system.read(`${STATE}/${container.name}/writable-layer`));
    system.print(`${JSON.stringify({ ...container, writableLayer, optOuts: opted, definition, config }, null, 2)}\n`);
    return 0;
  },
};

/** Where writes to the root go: disk, memory or none; null before the container's first start. */
function writableLayerOf(text: string | undefined): string | null {
  return text === undefined ? null : text.trim() || 'none';
}

/** As `optOuts`, of an OCI configuration without a definition; single capabilities are not compared. */
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
