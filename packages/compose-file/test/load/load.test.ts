import { expect, it } from 'vitest';
import { Reader } from '../../src/load/files.ts';
import { loadText, service } from '../project.ts';

it('tells every file that was asked for, also those that are not there', () => {
  const { asked } = loadText({
    'compose.yaml': service('env_file: [{ path: a.env, required: false }]', 'extends: { file: base.yaml, service: b }'),
    'base.yaml': 'services: { b: {} }',
  });
  expect(asked).toEqual([
    '/w/shop/.env',
    '/w/shop/compose.override.yml',
    '/w/shop/compose.override.yaml',
    '/w/shop/docker-compose.override.yml',
    '/w/shop/docker-compose.override.yaml',
    '/w/shop/compose.yaml',
    '/w/shop/base.yaml',
    '/w/shop/a.env',
  ]);
});

it('reads nothing outside of the root', () => {
  for (const line of ['env_file: ../../x.env', 'extends: { file: /etc/b.yaml, service: b }', 'label_file: /etc/labels'])
    expect(() => loadText(service(line)), line).toThrow(/^\/w\/shop\/compose\.yaml:4:\d+: \/\S+ is outside of \/w; nothing there is read$/);
  expect(() => loadText(`include: [../../x/b.yaml]\n${service()}`)).toThrow(/^\/w\/shop\/compose\.yaml:1:11: \/x\/\S+ is outside of \/w/);
});

it('takes a directory whose name begins as that of the root for one outside', () => {
  expect(() => loadText(service('env_file: ../../w2/x.env'))).toThrow(/\/w2\/x\.env is outside of \/w/);
});

it('reads the override file beside a single file, and none beside files that are all that is read', () => {
  const files = { 'compose.yaml': service('tty: true'), 'compose.override.yaml': 'services: { s: { tty: false } }' };
  expect(loadText(files).model.services.get('s')?.tty).toBe(false);
  expect(loadText(files, { pathsOnly: true }).model.services.get('s')?.tty).toBe(true);
});

it('a text that is read again is parsed once; another text of the same path is another file', () => {
  let text = service('tty: true');
  const files = { read: (path: string) => (path === '/w/shop/compose.yaml' ? text : undefined) };
  const documents = (): unknown => new Reader(files, '/w').documents('/w/shop/compose.yaml', undefined, 'the file');
  const first = documents();
  expect(documents()).toBe(first);
  text = service('tty: false');
  expect(documents()).not.toBe(first);
  expect(loadText('', { files }).model.services.get('s')?.tty).toBe(false);
});

it('knows the place of each node of the model, also of what it added', () => {
  const { placeOf } = loadText(service('ports:', '  - "80:81"', 'environment: { A: 1 }'));
  expect(placeOf(['services', 's', 'environment', 'A'])).toEqual({ file: '/w/shop/compose.yaml', line: 6, column: 23 });
  expect(placeOf(['services', 's', 'ports', 0, 'published'])).toEqual({ file: '/w/shop/compose.yaml', line: 5, column: 9 });
  expect(placeOf(['services', 's', 'networks', 'default'])).toMatchObject({ line: 3 });
  expect(placeOf(['networks', 'nothing'])).toMatchObject({ file: '/w/shop/compose.yaml' });
});

it('tells the file, line and name that each variable comes from', () => {
  const { model } = loadText({
    'compose.yaml': service('env_file: a.env', 'environment:', '  - B=${C}', '  - D'),
    'a.env': '# first\nA=secret\nB=other\n',
    '.env': 'C=c\nD=d\n',
  });
  const variables = model.services.get('s')?.environment;
  expect(Object.fromEntries(variables ?? [])).toEqual({
    A: { value: 'secret', from: { file: '/w/shop/a.env', key: 'A', line: 2 } },
    B: { value: 'c', from: { file: '/w/shop/compose.yaml', key: 'B', line: 6 } },
    D: { value: 'd', from: { file: '/w/shop/compose.yaml', key: 'D', line: 7 } },
  });
});

it('keeps keys that begin with x- as they stand, of the file and of a service', () => {
  const { model } = loadText(`${service('x-os: { rootfs: [busybox] }')}x-os: { base: small }\n`);
  expect(model.extensions?.get('x-os')).toMatchObject({ kind: 'map', place: { line: 5, column: 7 } });
  expect(model.services.get('s')?.extensions?.get('x-os')).toMatchObject({ kind: 'map', place: { line: 4, column: 11 } });
});

it('keeps services of other profiles apart', () => {
  const text = 'services: { a: { image: i }, b: { image: i, profiles: [debug] } }';
  const names = (options = {}): string[][] => {
    const { services, disabled } = loadText(text, options).model;
    return [[...services.keys()], [...disabled.keys()]];
  };
  expect(names()).toEqual([['a'], ['b']]);
  expect(names({ profiles: ['debug'] })).toEqual([['a', 'b'], []]);
  expect(names({ environment: new Map([['COMPOSE_PROFILES', 'x, debug']]) })).toEqual([['a', 'b'], []]);
});

it('warns of variables that are not set, and of the old key "version"', () => {
  const { warnings } = loadText(`version: "3"\n${service('hostname: ${NAME}')}`);
  expect(warnings.map(({ place, message }) => `${place.line}: ${message}`)).toEqual([
    '5: NAME: the variable is not set, its place stays empty',
    '1: `version` is obsolete and ignored',
  ]);
});

it('takes the names __proto__ and constructor as any other', () => {
  const { model } = loadText('services: { __proto__: { image: i, labels: { __proto__: a } }, constructor: { image: j } }');
  expect([...model.services.keys()]).toEqual(['__proto__', 'constructor']);
  expect([...(model.services.get('__proto__')?.labels ?? [])]).toEqual([['__proto__', 'a']]);
});

it('changes nothing in the texts that it was given', () => {
  const files = { 'compose.yaml': service('ports: [80]', 'extends: { file: b.yaml, service: b }'), 'b.yaml': 'services: { b: { ports: [81] } }' };
  expect(loadText(files).model).toEqual(loadText(files).model);
});

it('trap 20: warns of a word that YAML 1.1 takes for a boolean, and of an option of a mount that does nothing, once each', () => {
  const { warnings } = loadText({
    'compose.yaml': service('tty: on', 'init: "true"', 'volumes: ["/a:/b:fast"]', 'extends: { file: base.yaml, service: b }'),
    'base.yaml': 'services: { b: { read_only: "no" } }',
  });
  expect(warnings.map(({ place: { file, line, column }, message }) => `${file}:${line}:${column}: ${message}`)).toEqual([
    '/w/shop/compose.yaml:4:10: services.s.tty: "on" is taken for true, as in YAML 1.1; write true',
    '/w/shop/base.yaml:1:29: services.b.read_only: "no" is taken for false, as in YAML 1.1; write false',
    '/w/shop/compose.yaml:6:15: volume "/a:/b:fast": option fast is unknown and has no effect',
  ]);
});

it('shows no value of a variable in a warning', () => {
  const { warnings } = loadText({ 'compose.yaml': service('volumes: ["/a:/b:$O"]'), '.env': 'O=hunter2\n' });
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^there is something to look at in what .*O.* made of this value; it is not shown, because it may be secret$/),
  ]);
});
