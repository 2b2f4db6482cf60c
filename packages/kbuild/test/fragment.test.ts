import { expect, it } from 'vitest';
import { mergeFragments, parseConfig, parseFragment } from '../src/fragment.ts';

it('a fragment gives each request with the line it stands on', () => {
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

it.each([
  'VETH=y',
  'CONFIG_VETH = y',
  'CONFIG_VETH=yes',
  'CONFIG_VETH=',
  'CONFIG_CMDLINE=ttyS0',
  'CONFIG_CMDLINE="ttyS0',
  '#CONFIG_VETH is not set',
  '#  CONFIG_VETH is not set',
  '# CONFIG_VETH is not set any more',
  '# CONFIG_VETH=y',
])('%j, which Kconfig would skip or not read as meant, is refused', (line) => {
  expect(() => parseFragment(`# first\n${line}\n`, 'net.config')).toThrow(`net.config:2: ${line} is neither CONFIG_X=value, "# CONFIG_X is not set" nor a comment`);
});

it('a comment may name a symbol', () => {
  expect(parseFragment('# CONFIG_VETH joins a container to the bridge\n# needs CONFIG_NET=y\n', 'net.config')).toEqual([]);
});

it('a later fragment overrides an earlier one', () => {
  expect(mergeFragments([parseFragment('CONFIG_A=y\nCONFIG_B=y', 'first'), parseFragment('# CONFIG_A is not set', 'second')])).toEqual([
    { symbol: 'CONFIG_A', value: 'n', file: 'second', line: 1 },
    { symbol: 'CONFIG_B', value: 'y', file: 'first', line: 2 },
  ]);
});

it('a finished configuration gives the values that are set', () => {
  expect([...parseConfig('# Header\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_NAME="x"\n')]).toEqual([['CONFIG_A', 'y'], ['CONFIG_NAME', '"x"']]);
});
