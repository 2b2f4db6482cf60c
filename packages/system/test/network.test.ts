import { bytesOf, type Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import { bridgesText, networkEntries, requireOwnNames } from '../src/network.ts';

const LIST = {
  cniVersion: '1.0.0',
  name: 'cni0',
  plugins: [
    { type: 'bridge', bridge: 'cni0', ipam: { type: 'host-local' } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

const texts = (entries: Entry[]): Record<string, string> =>
  Object.fromEntries(entries.map((entry) => [entry.path, entry.type === 'file' ? Buffer.from(bytesOf(entry.data)).toString() : entry.type]));

it('the bridges of the image stand in one file, with the MTU and subnets that their lists give them', () => {
  const list = (name: string, ...plugins: object[]): Parameters<typeof bridgesText>[0][number] => ({ cniVersion: '1.0.0', name, plugins: plugins as never });
  const front = { type: 'bridge', bridge: 'br0', ipam: { ranges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]] } };
  expect(bridgesText([list('front', front, { type: 'portmap' }), list('back', { type: 'bridge', mtu: 1300 }), list('none', { type: 'ptp' })])).toBe(
    'br0 default 0 10.1.0.0/24 fd00::/64\ncni0 back 1300\n',
  );
});

describe('a network list', () => {
  it('becomes the list itself and one complete configuration a plugin, on one line, in order', () => {
    const text = JSON.stringify(LIST, null, 2);
    expect(texts(networkEntries('network/10-cni0.conflist', text))).toEqual({
      'etc/cni/net.d/10-cni0.conflist': text,
      'usr/lib/container-os/networks/00.default/00.bridge.json':
        '{"type":"bridge","bridge":"cni0","ipam":{"type":"host-local"},"cniVersion":"1.0.0","name":"cni0"}\n',
      'usr/lib/container-os/networks/00.default/01.portmap.json': '{"type":"portmap","cniVersion":"1.0.0","name":"cni0"}\n',
      'usr/lib/container-os/networks/00.default/01.portmap.portMappings': '',
    });
  });

  it('keeps the order of more than ten plugins in the names of their files', () => {
    const plugins = Array.from({ length: 12 }, (_, index) => ({ type: `p${index}` }));
    const paths = networkEntries('n.conflist', JSON.stringify({ ...LIST, plugins }))
      .slice(1)
      .map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
  });

  it('has no masquerade for each container where its subnet is masqueraded as a whole', () => {
    const bridge = { type: 'bridge', ipMasq: true, ipMasqBackend: 'nftables' };
    const entries = texts(
      networkEntries(
        'n.conflist',
        JSON.stringify({
          ...LIST,
          plugins: [
            { ...bridge, ipam: { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/24' }]] } },
            { ...bridge, ipam: { type: 'dhcp' } },
          ],
        }),
        3,
      ),
    );
    expect(entries['usr/lib/container-os/networks/03.cni0/00.bridge.json']).toBe(
      '{"type":"bridge","ipam":{"type":"host-local","ranges":[[{"subnet":"10.1.0.0/24"}]]},"cniVersion":"1.0.0","name":"cni0"}\n',
    );
    expect(entries['usr/lib/container-os/networks/03.cni0/00.bridge.ranges']).toBe(
      '10.1.0.0/24 [{"subnet":"10.1.0.0/24"}] [{"subnet":"10.1.0.0/24","rangeStart":" ","rangeEnd":" "}]\n',
    );
    expect(entries['usr/lib/container-os/networks/03.cni0/01.bridge.json']).toContain('"ipMasq":true');
  });

  it('must have a name of its own, and leave "default" to the first one', () => {
    const own =
      (...names: string[]) =>
      () =>
        requireOwnNames(
          names.map((_, index) => `${index}.conflist`),
          names.map((name) => ({ ...LIST, name })),
        );
    expect(own('a', 'b')).not.toThrow();
    expect(own('a', 'a')).toThrow('1.conflist: /name: expected a unique name ("default" is the first network), got "a"');
    expect(own('default', 'b')).not.toThrow();
    expect(own('a', 'default')).toThrow('1.conflist: /name');
  });

  it.each([
    ['{', /n\.conflist: not JSON: /],
    ['[]', 'n.conflist: the file: expected an object, got []'],
    [JSON.stringify({ ...LIST, cniVersion: '0.2.0' }), 'n.conflist: /cniVersion: expected one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0, got "0.2.0"'],
    [JSON.stringify({ ...LIST, name: 'a/b' }), 'n.conflist: /name: expected a name of letters, digits, "_", "." and "-", got "a/b"'],
    [JSON.stringify({ ...LIST, plugins: [] }), 'n.conflist: /plugins: expected a list with at least one plugin, got []'],
    [JSON.stringify({ ...LIST, plugins: ['bridge'] }), 'n.conflist: /plugins/0: expected an object, got "bridge"'],
    [JSON.stringify({ ...LIST, plugins: [{ type: '../sh' }] }), 'n.conflist: /plugins/0/type: expected the name of a plugin, such as "bridge", got "../sh"'],
    [
      JSON.stringify({ ...LIST, plugins: [{ type: 'bridge', bridge: 'br"; drop' }] }),
      'n.conflist: /plugins/0/bridge: expected the name of an interface, of at most 15 characters, got "br\\"; drop"',
    ],
    [
      JSON.stringify({ ...LIST, plugins: [{ type: 'bridge', ipam: { subnet: '10.1.0.0' } }] }),
      'n.conflist: /plugins/0/ipam: expected a subnet such as 10.22.0.0/16, got "10.1.0.0"',
    ],
    [JSON.stringify({ ...LIST, plugins: [{}] }), 'n.conflist: /plugins/0/type: expected the name of a plugin, such as "bridge", got nothing'],
  ])('that is %s is refused, saying where', (text, message) => {
    expect(() => networkEntries('n.conflist', text)).toThrow(
      expect.objectContaining({ code: 'CNI_CONFIG_INVALID', message: typeof message === 'string' ? message : expect.stringMatching(message) }),
    );
  });
});
