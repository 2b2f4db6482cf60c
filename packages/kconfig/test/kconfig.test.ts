import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredSymbols, describeLost, findLost, mergeConfig, mergeFragments, nearest, parseConfig, parseFragment, readFragments } from '../src/index.ts';

describe('a fragment', () => {
  it('gives each setting with the line it stands on', () => {
    const text = '# Network\n\nCONFIG_VETH=y\n  CONFIG_NR_CPUS=8  \nCONFIG_CMDLINE="console=ttyS0 \\"x\\""\nCONFIG_BASE=0xFF\n# CONFIG_WLAN is not set\nCONFIG_USB=m\n';
    expect(parseFragment(text, 'net.config').map(({ symbol, value, line }) => [symbol, value, line])).toEqual([
      ['CONFIG_VETH', 'y', 3],
      ['CONFIG_NR_CPUS', '8', 4],
      ['CONFIG_CMDLINE', '"console=ttyS0 \\"x\\""', 5],
      ['CONFIG_BASE', '0xFF', 6],
      ['CONFIG_WLAN', 'n', 7],
      ['CONFIG_USB', 'm', 8],
    ]);
  });

  it.each(['VETH=y', 'CONFIG_VETH = y', 'CONFIG_VETH=yes', 'CONFIG_VETH=', 'CONFIG_CMDLINE=ttyS0', '#CONFIG_VETH is not set', '# CONFIG_VETH is not set any more'])('refuses %j, which kconfig would skip', (line) => {
    expect(() => parseFragment(`# first\n${line}\n`, 'net.config')).toThrow(`net.config:2: expected CONFIG_<SYMBOL>=<value> or "# CONFIG_<SYMBOL> is not set", found ${JSON.stringify(line)}`);
  });

  it('is overridden by a later one', () => {
    const merged = mergeFragments([parseFragment('CONFIG_A=y\nCONFIG_B=y', 'first'), parseFragment('# CONFIG_A is not set', 'second')]);
    expect(merged).toEqual([
      { symbol: 'CONFIG_A', value: 'n', file: 'second', line: 1 },
      { symbol: 'CONFIG_B', value: 'y', file: 'first', line: 2 },
    ]);
  });

  it('that is not there is named as the option names it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kconfig-'));
    await writeFile(join(directory, 'a.config'), 'CONFIG_A=y\n');
    const read = (names: string[]): Promise<unknown> => readFragments(names, (name) => join(directory, name));
    expect(await read(['a.config'])).toEqual([{ symbol: 'CONFIG_A', value: 'y', file: 'a.config', line: 1 }]);
    await expect(read(['a.config', 'b.config'])).rejects.toMatchObject({ code: 'FRAGMENT_MISSING', message: `${directory}/b.config is not there ("fragments" names b.config)` });
  });
});

describe('a configuration', () => {
  it('takes settings in place of what it said', () => {
    const base = '# Header\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_AB=y\n';
    const merged = mergeConfig(base, parseFragment('# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_NAME="x"', 'f'));
    expect(merged).toBe('# Header\nCONFIG_AB=y\n# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_NAME="x"\n');
    expect([...parseConfig(merged)]).toEqual([['CONFIG_AB', 'y'], ['CONFIG_A', 'n'], ['CONFIG_B', 'y'], ['CONFIG_NAME', '"x"']]);
  });
});

describe('survival', () => {
  const known = new Set(declaredSymbols('config VETH\n\tbool "x"\n\tdepends on NET\nmenuconfig NET\n  config OVERLAY_FS\nconfig NR_CPUS\nconfig WLAN\n# a config is nice\n'));
  const lost = (fragment: string, config: string, allow?: Record<string, string>): string[] => findLost(parseFragment(fragment, 'net.config'), parseConfig(config), known, allow).map(describeLost);

  it('knows what is declared', () => {
    expect([...known]).toEqual(['CONFIG_VETH', 'CONFIG_NET', 'CONFIG_OVERLAY_FS', 'CONFIG_NR_CPUS', 'CONFIG_WLAN']);
  });

  it('of every setting leaves nothing to say; a symbol that the result does not name is off', () => {
    expect(lost('CONFIG_VETH=y\nCONFIG_NR_CPUS=8\n# CONFIG_WLAN is not set\n', 'CONFIG_VETH=y\nCONFIG_NR_CPUS=8\n')).toEqual([]);
  });

  it('is missed by a dropped, a switched-off and a changed setting alike', () => {
    expect(lost('CONFIG_VETH=y\nCONFIG_NET=y\nCONFIG_NR_CPUS=8\n# CONFIG_WLAN is not set', '# CONFIG_NET is not set\nCONFIG_NR_CPUS=2\nCONFIG_WLAN=m\n')).toEqual([
      'net.config:1: CONFIG_VETH=y requested, the result has # CONFIG_VETH is not set',
      'net.config:2: CONFIG_NET=y requested, the result has # CONFIG_NET is not set',
      'net.config:3: CONFIG_NR_CPUS=8 requested, the result has CONFIG_NR_CPUS=2',
      'net.config:4: # CONFIG_WLAN is not set requested, the result has CONFIG_WLAN=m',
    ]);
  });

  it('of a symbol that nobody declares is impossible, on or off; the likeliest are named', () => {
    expect(lost('CONFIG_OVERLAYFS=y\n# CONFIG_WLANX is not set\nCONFIG_SOMETHING_ELSE=y', 'CONFIG_OVERLAYFS=y')).toEqual([
      'net.config:1: CONFIG_OVERLAYFS=y requested, there is no such symbol; did you mean CONFIG_OVERLAY_FS?',
      'net.config:2: # CONFIG_WLANX is not set requested, there is no such symbol; did you mean CONFIG_WLAN?',
      'net.config:3: CONFIG_SOMETHING_ELSE=y requested, there is no such symbol',
    ]);
  });

  it('is not asked of an allowed symbol, if a reason is given and a fragment sets it', () => {
    expect(lost('CONFIG_VETH=y', '', { CONFIG_VETH: 'built as a module by the base' })).toEqual([]);
    expect(() => lost('CONFIG_VETH=y', '', { CONFIG_VETH: ' ' })).toThrow('"allow" lets CONFIG_VETH be lost without a reason');
    expect(() => lost('CONFIG_VETH=y', '', { CONFIG_NET: 'x' })).toThrow('"allow" names CONFIG_NET, which no fragment sets');
  });

  it('suggests at most three names, the nearest first', () => {
    expect(nearest('CONFIG_FEATURE_A', ['CONFIG_FEATURE_BCD', 'CONFIG_FEATURE_AB', 'CONFIG_FEATURE_B', 'CONFIG_FEATURE', 'CONFIG_VETH'])).toEqual(['CONFIG_FEATURE_AB', 'CONFIG_FEATURE_B', 'CONFIG_FEATURE']);
  });
});
