import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACES, Network } from './resolver-network.ts';

describe.skipIf(!NAMESPACES)('the resolver', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.make();
    network.start();
    await network.outside();
    network.container('shop-web-1', 'front 10.9.0.11\nback 10.8.0.11 fd00::11\n', "names='front:web front:shop-web-1 back:web back:shop-web-1'\n", {
      address: '10.9.0.11',
    });
    network.container(
      'shop-db-1',
      'back 10.8.0.12\n',
      "restart=no\nlinks='Primary:shop-web-1 lost:nobody'\nnames='back:db back:shop-db-1 back:Post_Gres.local'\n",
    );
    network.container('plain', 'front 10.9.0.13\n', '', { address: '10.9.0.13' });
  }, 30_000);

  afterAll(() => network.close());

  it('is small', () => {
    expect(statSync(join(network.root, 'resolver')).size).toBeLessThanOrEqual(30_000);
  });

  it.each([
    ['shop-web-1', 'db', ['10.8.0.12']],
    ['shop-web-1', 'DB', ['10.8.0.12']],
    ['shop-web-1', 'post_gres.LOCAL', ['10.8.0.12']],
    ['shop-web-1', 'plain', ['10.9.0.13']],
    ['shop-web-1', 'web', ['10.9.0.11']],
    ['shop-db-1', 'web', ['10.8.0.11']],
    ['shop-db-1', 'web.back', ['10.8.0.11']],
    ['plain', 'shop-web-1', ['10.9.0.11']],
  ])('%s finds %s in the first network that they share', (asker, name, addresses) => {
    expect(network.find(asker, name)).toEqual(addresses);
  });

  it('a name of another network is nobody here: the server outside is asked', () => {
    expect(network.find('plain', 'db')).toEqual(['192.0.2.7']);
    expect(network.find('plain', 'web.back')).toEqual(['192.0.2.7']);
    expect(network.asked()).toContain('udp db');
  });

  it('a link is a name for the linker alone', () => {
    expect(network.find('shop-db-1', 'primary')).toEqual(['10.8.0.11']);
    expect(network.find('shop-web-1', 'primary')).toEqual(['192.0.2.7']);
  });

  it('a name with IPv4 addresses alone exists, but has no other records', () => {
    expect(network.find('shop-db-1', 'web', 'AAAA')).toEqual(['fd00::11']);
    expect(network.find('shop-web-1', 'db', 'AAAA')).toBe('ENODATA');
    expect(network.find('shop-web-1', 'db', 'MX')).toBe('ENODATA');
  });

  it('an address has a name where its container is known', () => {
    expect(network.find('shop-web-1', '12.0.8.10.in-addr.arpa', 'PTR')).toEqual(['shop-db-1.back']);
    expect(network.find('plain', '11.0.9.10.in-addr.arpa', 'PTR')).toEqual(['shop-web-1.front']);
  });

  it.each(['getent', 'musl'])('%s finds names by its own resolver, with the resolv.conf of a container', (program) => {
    if (program === 'musl') {
      network.write(
        'musl.c',
        `#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
int main(int argc, char **argv) {
  struct addrinfo *found, hints = { .ai_socktype = SOCK_STREAM }; char text[64];
  int code = getaddrinfo(argv[argc - 1], NULL, &hints, &found);
  if (code) return 2;
  for (; found; found = found->ai_next)
    if (!getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST)) puts(text);
}`,
      );
      network.os(`musl-gcc -static -o ${network.root}/musl ${network.root}/run/musl.c`);
    }
    network.write('own', 'nameserver 127.0.0.11\nsearch example\noptions ndots:0\n');
    const find = (asker: string, name: string): string =>
      network.os(
        `nsenter --net=${network.namespace(asker)} unshare --mount sh -c 'mount --bind ${network.root}/run/own /etc/resolv.conf;
          ${program === 'musl' ? `${network.root}/musl` : 'getent ahosts'} ${name} || echo code $?' | cut -d' ' -f1,2 | sort -u`,
      );
    expect(find('shop-db-1', 'shop-web-1')).toMatch(program === 'musl' ? /^10.8.0.11\nfd00::11\n$/ : /^10.8.0.11 .*\n(.*\n)*fd00::11 /);
    expect(find('shop-web-1', 'db')).toMatch(program === 'musl' ? /^10.8.0.12\n$/ : /^10.8.0.12 /);
    expect(find('shop-db-1', 'nobody.example')).toMatch(/^code 2/);
  });

  it('all of many containers behind one name are found, each first in its turn', () => {
    for (let one = 1; one <= 3; one++) network.container(`shop-api-${one}`, `back 10.8.1.${one}\n`, `names='back:api back:shop-api-${one}'\n`);
    const found = [1, 2, 3].map(() => network.find('shop-db-1', 'api') as string[]);
    expect(found.map((addresses) => [...addresses].sort())).toEqual(Array(3).fill(['10.8.1.1', '10.8.1.2', '10.8.1.3']));
    expect(new Set(found.map(([first]) => first)).size).toBe(3);
  });

  it('what does not fit an answer by UDP comes by TCP', () => {
    const addresses = Array.from({ length: 60 }, (_, index) => `10.8.2.${index}`);
    network.container('many', `back ${addresses.join(' ')}\n`, "names='back:many'\n");
    expect((network.find('shop-db-1', 'many') as string[]).sort()).toEqual(addresses.sort());
    // 512 bytes at most, and the bit that says so.
    const answer = network.send('shop-db-1', '12340100000100000000000004' + Buffer.from('many').toString('hex') + '0000010001');
    expect([answer.length / 2 <= 512, answer.slice(0, 8)]).toEqual([true, '12348380']);
  });

  it('a name server that is published has port 53 for itself, and a name all the same', () => {
    network.container('server', 'back 10.8.0.53\n', `names='back:server'\nport_mappings='[{"hostPort":53,"containerPort":53,"protocol":"udp"}]'\n`);
    expect(network.find('server', 'web')).toBe('ECONNREFUSED');
    expect(network.find('shop-db-1', 'server')).toEqual(['10.8.0.53']);
  });

  it('passes on by TCP what came by TCP, however large', () => {
    expect(network.find('shop-web-1', 'big.example')).toHaveLength(2000);
    expect(network.asked()).toEqual(expect.arrayContaining(['udp big.example', 'tcp big.example']));
  });

  it('passes an OPT record on, and answers one with its own', () => {
    const query = (name: string): string => `12340100000100000000000104${Buffer.from(name).toString('hex')}00000100010000290500000000000000`;
    network.send('shop-web-1', query('edns'));
    expect(network.asked()).toContain('udp edns edns');
    network.container('four', 'back 10.8.0.44\n');
    const answer = network.send('shop-db-1', query('four'));
    expect([answer.slice(20, 24), answer.slice(-22)]).toEqual(['0001', '00002904d0000000000000']);
  });
});

describe.skipIf(!NAMESPACES)('servers outside', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.make();
    network.start();
    await network.outside();
    network.container('web', 'front 10.9.0.11\n', '', { address: '10.9.0.11' });
    network.container('inner', 'back 10.8.0.11\n');
  }, 30_000);

  afterAll(() => network.close());

  it('the next server is asked when one is silent, not there, or fails', () => {
    for (const first of ['10.9.0.99', '10.9.0.2', '203.0.113.1', 'fd00::1']) {
      network.write('resolv.conf', `# servers\nnameserver 127.0.0.11\nnameserver ${first}\nnameserver 10.9.0.1\n`);
      expect([first, network.find('web', `after-${first.replaceAll(':', '-')}.example`)]).toEqual([first, ['192.0.2.7']]);
    }
    network.write('resolv.conf', 'nameserver 10.9.0.1\n');
    expect(network.find('web', 'fail.example')).toBe('ESERVFAIL');
    expect(network.find('web', 'silent.example')).toBe('ESERVFAIL');
    expect(network.asked().filter((line) => line === 'udp silent.example')).toHaveLength(2);
  }, 30_000);

  it('without a server, or a way to it, nothing is forwarded and the answer comes at once', () => {
    const before = network.asked().length;
    expect(network.find('inner', 'example.org')).toBe('ESERVFAIL');
    expect(network.asked()).toHaveLength(before);
    network.write('resolv.conf', '');
    expect(network.find('web', 'example.org')).toBe('ESERVFAIL');
    network.write('resolv.conf', 'nameserver 10.9.0.1\n');
    expect(network.find('web', 'example.org')).toEqual(['192.0.2.7']);
  });

  it("a container's own servers come before those of the OS", () => {
    network.write('resolv.conf', 'nameserver 10.9.0.99\n');
    network.write('container-os/containers/web/dns', 'nameserver 10.9.0.1\n');
    expect(network.find('web', 'own.example')).toEqual(['192.0.2.7']);
  });

  it('a killed resolver that starts again knows all containers', async () => {
    await network.kill();
    expect(network.find('inner', 'inner')).toBe('ECONNREFUSED');
    network.start();
    network.tell('add', 'web');
    expect(network.find('inner', 'inner')).toEqual(['10.8.0.11']);
    expect(network.log).toBe('');
  });

  it('keeps no namespace of a container that has ended, told or not', async () => {
    const cards = (): number => network.os('ip -o link show type veth').split('\n').length - 1;
    const end = (name: string): string => network.os(`umount ${network.namespace(name)}; rm ${network.namespace(name)}`);
    network.container('told', 'front 10.9.0.21\n', '', { address: '10.9.0.21' });
    network.container('untold', 'front 10.9.0.22\n', '', { address: '10.9.0.22' });
    const before = cards();
    end('told');
    network.tell('delete', 'told');
    await network.until(() => cards() === before - 1);
    expect(network.find('web', 'untold')).toEqual(['10.9.0.22']);
    end('untold');
    network.tell('delete', 'told');
    await network.until(() => cards() === before - 2);
    expect(network.find('web', 'told')).toEqual(['192.0.2.7']);
  });

  it('lets go of all but three capabilities', () => {
    const status = network.os(`cat /proc/$(pidof -s ${network.root}/resolver)/status`);
    expect([...status.matchAll(/^(?:Cap(?:Inh|Prm|Eff|Bnd)|NoNewPrivs|Seccomp):\t(.*)$/gm)].map(([, value]) => value)).toEqual([
      '0000000000000000',
      '0000000000201400',
      '0000000000201400',
      '0000000000201400',
      '1',
      '2',
    ]);
  });
});

describe.skipIf(!NAMESPACES)('strange messages', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.make();
    network.start();
    network.container('web', 'front 10.9.0.11\n', '', { address: '10.9.0.11' });
  }, 30_000);

  afterAll(() => network.close());

  it.each([
    ['nothing', '', ''],
    ['less than a header', '1234010000010000', ''],
    ['an answer', '1234810000010000000000000377656200' + '00010001', ''],
    ['another operation', '1234280000010000000000000377656200' + '00010001', '1234a8840000'],
    ['two questions', '1234010000020000000000000377656200' + '00010001', '123481810000'],
    ['a name that points to itself', '123401000001000000000000c00c00010001', '123481810000'],
    ['a label past the end', '1234010000010000000000003f776562', '123481810000'],
    ['a name without an end', '123401000001000000000000' + '0161'.repeat(200), '123481810000'],
    ['no type', '1234010000010000000000000377656200', '123481810000'],
    ['a dot in a label', '12340100000100000000000003772e6200' + '00010001', '123481820001'],
    ['a zero in a label', '12340100000100000000000003770062' + '0000010001', '123481820001'],
    ['the root', '12340100000100000000000000' + '00010001', '123481820001'],
  ])('%s', (_, query, start) => {
    expect(network.send('web', query).slice(0, 12)).toBe(start);
    expect(network.log).toBe('');
  });

  it('a container can hold up neither itself for long nor others', () => {
    network.container('other', 'front 10.9.0.12\n');
    const found = network.inside(
      'web',
      `const net = require('net'); let open = 0, closed = 0;
       const query = Buffer.from('12340100000100000000000003' + '776562' + '0000010001', 'hex');
       for (let one = 0; one < 40; one++) net.connect(53, '127.0.0.11').on('connect', () => open++).on('close', () => closed++).on('error', () => {});
       const look = setInterval(() => {
         if (open <= 16 || open - closed > 16) return;
         clearInterval(look);
         const socket = require('dgram').createSocket('udp4');
         socket.on('message', (answer) => { console.log(JSON.stringify([open > 16, answer.readUInt16BE(6)])); process.exit(); });
         socket.send(query, 53, '127.0.0.11');
       }, 50)`,
    );
    expect(found).toEqual([true, 1]);
    expect(network.find('other', 'web')).toEqual(['10.9.0.11']);
  });

  it('a message in pieces, and two at once, by TCP', () => {
    const found = network.inside(
      'web',
      `const one = Buffer.from('0015' + '12340100000100000000000003' + '776562' + '0000010001', 'hex');
       const socket = require('net').connect(53, '127.0.0.11'); let text = '';
       socket.on('data', (data) => { text += data.toString('hex'); if (text.length >= 3 * 2 * (2 + 37)) { console.log(JSON.stringify(text.match(/00251234818000010001/g).length)); process.exit(); } });
       [...one].forEach((byte, index) => setTimeout(() => socket.write(Buffer.from([byte])), index * 10));
       setTimeout(() => socket.write(Buffer.concat([one, one])), 400)`,
    );
    expect(found).toBe(3);
  });
});
