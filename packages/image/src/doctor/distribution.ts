import packages from './packages.json' with { type: 'json' };

/** The package managers that the doctor knows, and what makes each install packages without questions about what it knows already. */
const INSTALL = {
  apt: 'apt-get install -y --no-install-recommends',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --needed --noconfirm',
  zypper: 'zypper --non-interactive install',
} as const;

type Manager = keyof typeof INSTALL;

/** By `ID` and `ID_LIKE` of os-release(5). */
const MANAGERS: Record<string, Manager> = {
  debian: 'apt',
  ubuntu: 'apt',
  fedora: 'dnf',
  rhel: 'dnf',
  alpine: 'apk',
  arch: 'pacman',
  suse: 'zypper',
  opensuse: 'zypper',
};

/** What the doctor takes from os-release(5). */
export interface Distribution {
  name: string;
  /** Undefined for one that is not known, nor like one that is. */
  manager: Manager | undefined;
}

/** @param osRelease the content of /etc/os-release */
export function readDistribution(osRelease: string): Distribution {
  const fields = Object.fromEntries(
    [...osRelease.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)].map(([, key = '', , value = '']): [string, string | undefined] => [key, value]),
  );
  const ids = `${fields['ID'] ?? ''} ${fields['ID_LIKE'] ?? ''}`.split(/\s+/).filter(Boolean);
  const known = ids.find((id) => id in MANAGERS);
  return { name: fields['PRETTY_NAME'] ?? fields['ID'] ?? 'a Linux without /etc/os-release', manager: known === undefined ? undefined : MANAGERS[known] };
}

/**
 * The command that installs what these packages of Debian have, in words where the distribution is not known.
 *
 * @param prefix what makes a command root's: `sudo `, or nothing
 */
export function installCommand(debian: readonly string[], { manager }: Distribution, prefix: string): string {
  if (manager === undefined) return `Install what these packages of Debian have: ${sorted(debian)}`;
  const names = debian.map((name) => (packages as Record<string, Partial<Record<Manager, string>>>)[name]?.[manager] ?? name);
  const update = manager === 'apt' ? `${prefix}apt-get update && ` : '';
  return `${update}${prefix}${INSTALL[manager]} ${sorted(names)}`;
}

function sorted(names: readonly string[]): string {
  return [...new Set(names)].sort().join(' ');
}
