import { expect, it } from 'vitest';
import { type Definitions } from '../src/definitions.ts';
import { parseConfig, parseFragment } from '../src/fragment.ts';
import { requireSurvival } from '../src/survival.ts';

const DEFINITIONS: Definitions = new Map(
  Object.entries({
    NET: [[]],
    VETH: [['NETDEVICES', 'NET_CORE || UML']],
    NETDEVICES: [['NET']],
    OVERLAY_FS: [[]],
    NR_CPUS: [[]],
    WLAN: [['!UML', 'PCI || USB=y']],
    DUAL: [['ARM', 'NET'], ['NET']],
    SELECTED: [[]],
    MAP: [['$(cc-option,-fx)', '"x86" = "x86"', '(PCI && !NET) || NET']],
  }),
);

function lost(fragment: string, config: string, allow: Record<string, string> = {}, version?: string): string[] {
  try {
    requireSurvival({ requests: parseFragment(fragment, 'net.config'), actual: parseConfig(config), allow, definitions: DEFINITIONS, version });
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'KCONFIG_SYMBOL_LOST', hint: expect.stringContaining('fragment') });
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}

it('when every request has its value, nothing is said; a symbol that the result does not name is off', () => {
  expect(lost('CONFIG_VETH=y\nCONFIG_NR_CPUS=8\n# CONFIG_WLAN is not set\n', 'CONFIG_VETH=y\nCONFIG_NR_CPUS=8\n')).toEqual([]);
});

it('a dropped symbol is named with the conditions that failed, and only those', () => {
  expect(lost('CONFIG_VETH=y', 'CONFIG_NET=y\nCONFIG_NETDEVICES=y\n')).toEqual([
    'net.config:1: CONFIG_VETH=y, actual n; depends on NET_CORE || UML (NET_CORE=n, UML=n)',
  ]);
  expect(lost('CONFIG_WLAN=y', 'CONFIG_UML=y\nCONFIG_USB=m\n')).toEqual([
    'net.config:1: CONFIG_WLAN=y, actual n; depends on !UML (UML=y) and PCI || USB=y (PCI=n, USB=m)',
  ]);
});

it('of several definitions, the one that lacks least is told', () => {
  expect(lost('CONFIG_DUAL=y', '')).toEqual(['net.config:1: CONFIG_DUAL=y, actual n; depends on NET (NET=n)']);
});

it('a changed value, a selected symbol and one that cannot be set are lost too', () => {
  expect(lost('CONFIG_NR_CPUS=8\n# CONFIG_SELECTED is not set\nCONFIG_MAP=y', 'CONFIG_NET=y\nCONFIG_NR_CPUS=2\nCONFIG_SELECTED=y\n')).toEqual([
    'net.config:1: CONFIG_NR_CPUS=8, actual 2; it cannot be set directly, or a choice decided otherwise',
    'net.config:2: CONFIG_SELECTED=n, actual y; another symbol selects it',
    'net.config:3: CONFIG_MAP=y, actual n; it cannot be set directly, or a choice decided otherwise',
  ]);
});

it('a symbol that no Kconfig file defines is lost whether asked on or off; the likeliest are named', () => {
  expect(lost('CONFIG_OVERLAYFS=y\n# CONFIG_WLANX is not set\nCONFIG_SOMETHING_ELSE=y', 'CONFIG_OVERLAYFS=y')).toEqual([
    'net.config:1: CONFIG_OVERLAYFS=y, actual y; no Kconfig file defines it (did you mean OVERLAY_FS?)',
    'net.config:2: CONFIG_WLANX=n, actual n; no Kconfig file defines it (did you mean WLAN?)',
    'net.config:3: CONFIG_SOMETHING_ELSE=y, actual n; no Kconfig file defines it',
  ]);
});

it('an allowed symbol may be lost, if a reason is given and a fragment requests it', () => {
  expect(lost('CONFIG_VETH=y', '', { CONFIG_VETH: 'built as a module by the base' })).toEqual([]);
  const refused = (allow: Record<string, string>) => () =>
    requireSurvival({ requests: parseFragment('CONFIG_VETH=y', 'f'), actual: new Map(), allow, definitions: DEFINITIONS });
  expect(refused({ CONFIG_VETH: ' ' })).toThrow('allow.CONFIG_VETH has no reason');
  expect(refused({ CONFIG_NET: 'x' })).toThrow('allow.CONFIG_NET: no fragment requests this symbol');
});

const absent = (fragment: string, config: string, version?: string): string[] =>
  requireSurvival({ requests: parseFragment(fragment, 'net.config'), actual: parseConfig(config), allow: {}, definitions: DEFINITIONS, version }).map(
    ({ symbol }) => symbol,
  );

it.each([
  ['# since 6.12', '6.6.57'],
  ['# since 6.6.30', '6.6.29'],
  ['# since 6.12', '5.15.200'],
  ['# until 6.8', '6.9.0'],
  ['# until 6.6.29', '6.6.30'],
])('a symbol that is there only %s may be unknown to %s', (condition, version) => {
  expect(absent(`${condition}\nCONFIG_MITIGATION_X=y\n\nCONFIG_NET=y`, 'CONFIG_NET=y', version)).toEqual(['CONFIG_MITIGATION_X']);
});

it.each([
  ['# since 6.12', '6.12.0', ' since 6.12'],
  ['# since 6.6.30', '6.6.30', ' since 6.6.30'],
  ['# since 6.12', '7.2.13', ' since 6.12'],
  ['# until 6.8', '6.8.12', ' until 6.8'],
  ['# until 6.8', '6.6.57', ' until 6.8'],
])('a symbol that is there %s may not be unknown to %s', (condition, version, bound) => {
  expect(lost(`${condition}\nCONFIG_MITIGATION_X=y`, '', {}, version)).toEqual([
    `net.config:2: CONFIG_MITIGATION_X=y, actual n; no Kconfig file defines it, though it should exist${bound} and the tree is ${version}`,
  ]);
});

it('a symbol that an older tree has by a backport must survive there too, and so where the tree tells no version', () => {
  expect(lost('# since 6.12\nCONFIG_VETH=y', 'CONFIG_NET=y', {}, '6.6.57')).toEqual([
    'net.config:2: CONFIG_VETH=y, actual n; depends on NETDEVICES (NETDEVICES=n) and NET_CORE || UML (NET_CORE=n, UML=n)',
  ]);
  expect(lost('# since 6.12\nCONFIG_MITIGATION_X=y', '')).toEqual([
    'net.config:2: CONFIG_MITIGATION_X=y, actual n; no Kconfig file defines it, though it should exist since 6.12 and the tree is of no version',
  ]);
});

it('of several names a tree has one, which must survive', () => {
  expect(absent('# one of\nCONFIG_MITIGATION_X=y\nCONFIG_VETH=y', 'CONFIG_VETH=y')).toEqual(['CONFIG_MITIGATION_X']);
  expect(lost('# one of\nCONFIG_MITIGATION_X=y\nCONFIG_NR_CPUS=8', 'CONFIG_NR_CPUS=2')).toEqual([
    'net.config:3: CONFIG_NR_CPUS=8, actual 2; it cannot be set directly, or a choice decided otherwise',
  ]);
});

it('several names of which a tree has none are lost, told once by all', () => {
  expect(lost('# one of\nCONFIG_MITIGATION_X=y\nCONFIG_SOME_X=y\nCONFIG_OLDEST_X=y\n', '', {}, '6.6.57')).toEqual([
    'net.config:2: CONFIG_MITIGATION_X=y, actual n; no Kconfig file defines it, nor CONFIG_SOME_X, nor CONFIG_OLDEST_X',
  ]);
});
