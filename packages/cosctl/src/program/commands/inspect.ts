import { JSON_OPTION, type Command } from '../command.ts';
import { BUNDLES, requireContainer } from '../containers.ts';
import { CommandError } from '../system.ts';

/** The keys of a definition that matter here; see the package oci-bundle. */
interface Definition {
  cap_add?: string[];
  network_mode?: string;
  security_opt?: string[];
  userns_mode?: string;
  volumes?: string[];
}

export const inspect: Command = {
  usage: 'NAME',
  summary: 'show all about a container: state, definition, opt-outs, OCI configuration',
  options: JSON_OPTION,
  positionals: 1,
  run({ positionals: [name = ''] }, system) {
    const container = requireContainer(system, name);
    const read = (file: string): unknown => {
      const text = system.read(`${BUNDLES}/${name}/${file}`);
      if (text === undefined) throw new CommandError(`${BUNDLES}/${name}/${file} cannot be read`);
      return JSON.parse(text);
    };
    const definition = read('definition.json') as Definition;
    system.print(`${JSON.stringify({ ...container, optOuts: optOuts(definition), definition, config: read('config.json') }, null, 2)}\n`);
    return 0;
  },
};

/** What the definition has taken away from the isolation that a container gets by default, as it says it. */
export function optOuts({ cap_add = [], network_mode, security_opt = [], userns_mode, volumes = [] }: Definition): string[] {
  return [
    ...(userns_mode === 'host' ? ['userns_mode: host'] : []),
    ...(network_mode === 'host' ? ['network_mode: host'] : []),
    ...security_opt.map((one) => `security_opt: ${one}`),
    ...cap_add.map((one) => `cap_add: ${one}`),
    // A path of the OS; a name is a volume.
    ...volumes.filter((one) => one.startsWith('/')).map((one) => `volumes: ${one}`),
  ];
}
