import { expect, it } from 'vitest';
import { mergeFragments, parseConfig, parseFragment } from '../src/fragment.ts';

it('a fragment gives each request with the line it stands on', () => {
  const text =
    '# Network\n\nCONFIG_VETH=y\n  CONFIG_NR_CPUS=8  \nCONFIG_CMDLINE="console=ttyS0 \\"x\\""\nCONFIG_BASE=0xFF\n# CONFIG_WLAN is not set\nCONFIG_USB=m\n';
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
  expect(() => parseFragment(`# first\n${line}\n`, 'net.config')).toThrow(
    `net.config:2: ${line} is neither CONFIG_X=value, "# CONFIG_X is not set" nor a comment`,
  );
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
  expect([...parseConfig('# Header\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_NAME="x"\n')]).toEqual([
    ['CONFIG_A', 'y'],
    ['CONFIG_NAME', '"x"'],
  ]);
});

it('comments tell which versions of the tree have the symbols of the lines below, up to another comment or an empty line', () => {
  const text =
    '# since 6.12\nCONFIG_A=y\n# CONFIG_B is not set\n# Plain\nCONFIG_C=y\n# until 6.6.29\nCONFIG_D=y\n\nCONFIG_E=y\n# one of\nCONFIG_F=y\nCONFIG_G=y\n';
  expect(parseFragment(text, 'f').map(({ symbol, since, until, oneOf }) => ({ symbol, since, until, oneOf }))).toEqual([
    { symbol: 'CONFIG_A', since: '6.12' },
    { symbol: 'CONFIG_B', since: '6.12' },
    { symbol: 'CONFIG_C' },
    { symbol: 'CONFIG_D', until: '6.6.29' },
    { symbol: 'CONFIG_E' },
    { symbol: 'CONFIG_F', oneOf: ['CONFIG_F', 'CONFIG_G'] },
    { symbol: 'CONFIG_G', oneOf: ['CONFIG_F', 'CONFIG_G'] },
  ]);
});

it.each(['# since 6', '# since v6.9', '#since 6.9', '# Since 6.9', '# until 6.8.1.2', '# since 6.9,', '# One of', '# one of:', '#one of'])(
  '%j, which would be a comment and no more, is refused',
  (line) => {
    expect(() => parseFragment(`CONFIG_A=y\n${line}\nCONFIG_B=y\nCONFIG_C=y\n`, 'net.config')).toThrow(
      `net.config:2: ${line} is neither "# since 6.12", "# until 6.8" nor "# one of"`,
    );
  },
);

it.each([
  ['# since 6.9\n\nCONFIG_A=y', '# since 6.9 applies to 0 of the lines below, expected at least 1'],
  ['# since 6.9', '# since 6.9 applies to 0 of the lines below, expected at least 1'],
  ['# one of\nCONFIG_A=y\n# CONFIG_B has another name\nCONFIG_B=y', '# one of applies to 1 of the lines below, expected at least 2'],
])('%j has a comment that tells of nothing', (text, message) => {
  expect(() => parseFragment(text, 'net.config')).toThrow(`net.config:1: ${message}`);
});

it('prose may begin with the same words', () => {
  expect(parseFragment('# since the first release\n# one of the drivers\n# until then, 6.9 has it\nCONFIG_A=y', 'f')).toEqual([
    { symbol: 'CONFIG_A', value: 'y', file: 'f', line: 4 },
  ]);
});
