import type { Entry } from '@container-os/cpio';
import { describe, expect, it } from 'vitest';
import { networkEntries } from '../src/network.ts';

const LIST = {
  cniVersion: '1.0.0',
  name: 'cni0',
  plugins: [
    { type: 'bridge', bridge: 'cni0', ipam: { type: 'host-local' } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

const texts = (entries: Entry[]): Record<string, string> => Object.fromEntries(entries.map((entry) => [entry.path, entry.type === 'file' ? Buffer.from(entry.data).toString() : entry.type]));

describe('a network list', () => {
  it('becomes the list itself and one complete configuration a plugin, on one line, in order', () => {
    const text = JSON.stringify(LIST, null, 2);
    expect(texts(networkEntries('network/10-cni0.conflist', text))).toEqual({
      'etc/cni/net.d/10-cni0.conflist': text,
      'usr/lib/container-os/networks/10-cni0/00.bridge.json': '{"type":"bridge","bridge":"cni0","ipam":{"type":"host-local"},"cniVersion":"1.0.0","name":"cni0"}\n',
      'usr/lib/container-os/networks/10-cni0/01.portmap.json': '{"type":"portmap","cniVersion":"1.0.0","name":"cni0"}\n',
    });
  });

  it('keeps the order of more than ten plugins in the names of their files', () => {
    const plugins = Array.from({ length: 12 }, (_, index) => ({ type: `p${index}` }));
    const paths = networkEntries('n.conflist', JSON.stringify({ ...LIST, plugins })).slice(1).map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
  });

  it.each([
    ['{', /n\.conflist: not JSON: /],
    ['[]', 'n.conflist: the file: expected an object, got []'],
    [JSON.stringify({ ...LIST, cniVersion: '0.2.0' }), 'n.conflist: /cniVersion: expected one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0, got "0.2.0"'],
    [JSON.stringify({ ...LIST, name: 'a/b' }), 'n.conflist: /name: expected a name of letters, digits, "_", "." and "-", got "a/b"'],
    [JSON.stringify({ ...LIST, plugins: [] }), 'n.conflist: /plugins: expected a list with at least one plugin, got []'],
    [JSON.stringify({ ...LIST, plugins: ['bridge'] }), 'n.conflist: /plugins/0: expected an object, got "bridge"'],
    [JSON.stringify({ ...LIST, plugins: [{ type: '../sh' }] }), 'n.conflist: /plugins/0/type: expected the name of a plugin, such as "bridge", got "../sh"'],
    [JSON.stringify({ ...LIST, plugins: [{}] }), 'n.conflist: /plugins/0/type: expected the name of a plugin, such as "bridge", got nothing'],
  ])('that is %s is refused, saying where', (text, message) => {
    expect(() => networkEntries('n.conflist', text)).toThrow(expect.objectContaining({ code: 'CNI_CONFIG_INVALID', message: typeof message === 'string' ? message : expect.stringMatching(message) }));
  });
});
