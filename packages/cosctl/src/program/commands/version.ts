import { JSON_OPTION, type Command } from '../command.ts';

export const version: Command = {
  usage: '[OPTIONS]',
  summary: 'show the versions of cosctl, the OS and its kernel',
  options: { ...JSON_OPTION, client: { type: 'boolean', description: 'show only the version of cosctl' } },
  positionals: [0, 0],
  run({ values }, system) {
    const os = /^PRETTY_NAME="?([^"\n]*)/m.exec(system.read('/etc/os-release') ?? '')?.[1];
    const kernel = system.read('/proc/sys/kernel/osrelease')?.trim();
    const versions = { cosctl: COSCTL_VERSION, ...(values['client'] ? {} : { os, kernel }) };
    system.print(
      values['json']
        ? `${JSON.stringify(versions, null, 2)}\n`
        : Object.entries(versions)
            .map(([name, value]) => `${name} ${value}\n`)
            .join(''),
    );
    return 0;
  },
};
