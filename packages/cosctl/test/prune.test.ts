import { existsSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { useOs } from './os.ts';

const os = useOs();
const disk = 'var/lib/container-os';

beforeEach(() => {
  for (const [name, service] of [
    ['job', 'restart=no'],
    ['web', "volumes='volumes/shop_data anonymous/web/0a-cache'\nprepare_volumes() { volume 'volumes/shop_data' '/data' '' 'copy' ''; }"],
    ['gone-until-boot', "prepare_binds() {\n  copy '/x' 'binds/.%2Fsite' '0:0'\n}"],
  ] as const)
    os.write(`containers/${name}/service`, service);
  for (const path of [
    'volumes/shop_data',
    'volumes/old',
    'anonymous/web/0a-cache',
    'anonymous/web/0b-before',
    'anonymous/api/0a-tmp',
    'layers/web',
    'layers/api',
  ])
    os.write(`${disk}/${path}/file`, '');
  for (const path of ['binds/.%2Fsite', 'binds/.%2Fold', 'data/srv/x']) os.write(`${disk}/${path}/file`, '');
});

const removed = (argv: string[]): string[] =>
  os.run(argv, { execute: ([, , path = '']) => (rmSync(os.path(path), { recursive: true }), 0) }).ran.map(([, , path = '']) => path.replace(`/${disk}/`, ''));

describe('prune', () => {
  it('removes layers and anonymous volumes of which no container is left', () => {
    expect(removed(['prune'])).toEqual(['layers/api', 'anonymous/api', 'anonymous/web/0b-before']);
    expect(existsSync(os.path(`${disk}/anonymous/web/0a-cache/file`))).toBe(true);
    expect(os.run(['prune'])).toMatchObject({ code: 0, out: '', ran: [] });
  });

  it('removes named volumes and binds only when it is asked', () => {
    expect(removed(['prune', '--volumes'])).toEqual(['layers/api', 'anonymous/api', 'anonymous/web/0b-before', 'volumes/old', 'binds/.%2Fold']);
  });

  it('says what it would remove, and removes nothing', () => {
    const out = ['KIND              NAME', 'layer             api', 'anonymous volume  api/0a-tmp', 'anonymous volume  web/0b-before', ''].join('\n');
    expect(os.run(['prune', '-n'])).toMatchObject({ code: 0, out, ran: [] });
    expect(JSON.parse(os.run(['prune', '-n', '--volumes', '--json']).out)).toContainEqual({
      kind: 'bind',
      name: './old',
      directory: '/var/lib/container-os/binds/.%2Fold',
    });
  });

  it('removes nothing if it cannot tell what a container uses', () => {
    os.write('run/container-os/containers/odd/status', 'running');
    const err = 'cosctl: /run/container-os/containers/odd/bundle/service cannot be read: nothing was removed, because odd may use anything\n';
    expect(os.run(['prune', '--volumes'])).toMatchObject({ code: 1, err, ran: [] });
  });

  it('fails where something stays', () => {
    const err = 'cosctl: /var/lib/container-os/layers/api was not removed completely\n';
    expect(os.run(['prune'], { execute: () => 1 })).toMatchObject({ code: 1, err });
  });
});
