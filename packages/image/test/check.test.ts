import { expect, it } from 'vitest';
import { check, type Verdict } from '../src/check/check.ts';

const of = (text: string, files: Record<string, string> = {}): Verdict =>
  check('/w/app/docker-compose.yml', '/w', (path) => ({ '/w/app/docker-compose.yml': text, ...files })[path]);

it('takes an ordinary file, and says what a build needs besides it', () => {
  const text = `services:
  web:
    image: "nginx:\${TAG}"
    ports: ["\${PORT}:80"]
    init: \${INIT}
    mem_limit: \${MEMORY:?how much}
    volumes: ["\${DATA}/etc:/data"]
    env_file: web.env
  app_proxy:
    environment: { A: "\${B:-b}" }
  app:
    build: .
`;
  expect(of(text)).toEqual({
    result: 'translated',
    problems: [],
    incomplete: [
      ...['DATA', 'INIT', 'MEMORY', 'PORT', 'TAG'].map((name) => `needs a value for ${name}`),
      'needs the file web.env',
      'needs the image of app_proxy',
      'needs to know how app is built: x-os',
    ],
    withoutEffect: expect.any(Array) as [],
    optOuts: [],
  });
});

it('names every fault that a build would name, each with its place and what to do', () => {
  const { result, problems } = of(`services:
  web:
    image: i
    gpus: all
    cap_add: [FLY]
    restart: never
    stop_signal: BOGUS
  other:
    image: i
    restart: sometimes
`);
  expect(result).toBe('refused');
  expect(problems.map(({ key, line, column }) => `${line}:${column} ${key}`)).toEqual([
    '4:5 services.web.gpus',
    '5:15 services.web.cap_add[0]',
    '6:14 services.web.restart',
    '7:18 services.web.stop_signal',
    '10:14 services.other.restart',
  ]);
  expect(problems.every(({ reason, hint }) => reason && hint)).toBe(true);
  expect(problems.at(-1)?.hint).toMatch(/^Correct the key: `no`, `always`, .*[^.]\.$/);
});

it('takes paths of the workspace, secrets and configs, which the build copies', () => {
  const file = 'services:\n  a: { image: i, volumes: ["./x:/x", "./y:/y:ro"], secrets: [s], configs: [{ source: c, target: /c }] }\n';
  expect(of(`${file}secrets: { s: { file: ./s } }\nconfigs: { c: { content: a } }\n`)).toMatchObject({ result: 'translated', problems: [] });
});

it('finds a fault of an item at its own line, beside items that depend on variables', () => {
  const text = 'services:\n  a:\n    image: i\n    volumes:\n      - ${DATA}/a:/a\n      - data:/dev\nvolumes: { data: {} }\n';
  expect(of(text).problems).toMatchObject([{ key: 'services.a.volumes[1]', line: 6 }]);
});

it('takes paths as engines do, whatever their end', () => {
  const mounts = '["/var/lib/docker/:/var/lib/docker:ro", "/proc/:/host/proc/", "data:/a/", { type: bind, source: /srv//x/., target: /b/ }]';
  expect(of(`services:\n  a: { image: i, volumes: ${mounts} }\nvolumes: { data: {} }\n`).problems).toEqual([]);
});

it('names each fault of networks in a problem of its own', () => {
  const text = 'services:\n  a: { image: i, network_mode: lan }\n  b: { image: i, networks: [lan] }\nnetworks:\n  lan: { driver: macvlan }\n';
  expect(of(text).problems.map(({ key, line }) => `${line} ${key}`)).toEqual(['2 services.a.network_mode', '5 networks.lan.driver']);
});

it('lists opt-outs and what has no effect, with lines', () => {
  const { result, optOuts, withoutEffect } = of('services:\n  a:\n    image: i\n    privileged: true\n    devices: [/dev/kvm]\n    expose: [1]\n');
  expect(result).toBe('translated');
  expect(optOuts.map(({ key, line }) => `${line} ${key}`)).toEqual(['4 services.a.privileged', '5 services.a.devices[0]']);
  expect(withoutEffect).toMatchObject([{ key: 'services.a.expose', line: 6 }]);
});

it('does not blame a file for what a variable was taken for', () => {
  const text =
    'services:\n  a:\n    image: i\n    volumes: ["/DATA/$AppID/config:/config", "${DATA}/run:/run"]\n    restart: ${POLICY}\n    hostname: "${HOST:-a}"\n';
  expect(of(text)).toMatchObject({ result: 'translated', optOuts: [], incomplete: ['AppID', 'DATA', 'POLICY'].map((name) => `needs a value for ${name}`) });
});

it('names each key that nobody knows, and what is wrong besides', () => {
  const text = 'services:\n  a:\n    image: "i:1:2"\n    prots: [1]\n    "enviroment": {}\n    healthcheck: { tset: b }\nvolume: {}\n';
  expect(of(text).problems.map(({ key, line, column, hint }) => `${line}:${column} ${key}: ${hint.slice(0, 22)}`)).toEqual([
    '4:5 services.a.prots: Write "ports".',
    '5:5 services.a.enviroment: Write "environment".',
    '6:20 services.a.healthcheck.tset: Write "test".',
    '7:1 volume: Write "volumes".',
    '3:12 services.a.image: Write it as [host[:por',
  ]);
});

it('refuses what Compose does not take, by place', () => {
  expect(of('services:\n  a: { image: i, imagee: j }\n')).toMatchObject({ result: 'refused', problems: [{ key: 'services.a.imagee', line: 2, column: 18 }] });
  expect(of('services: {\n')).toMatchObject({ result: 'refused', problems: [{ hint: expect.stringMatching(/./) as string }] });
});

it('a secret that a build would show is no fault of form', () => {
  const { result, incomplete } = of('services:\n  a:\n    image: i\n    command: "p ${DB_PASSWORD}"\n');
  expect({ result, incomplete }).toEqual({
    result: 'translated',
    incomplete: ['needs ${DB_PASSWORD} of services.a.command to be in "environment", where nobody sees it', 'needs a value for DB_PASSWORD'],
  });
});

it('reads the override file beside a file with a name of Docker, and beside no other', () => {
  const files = { '/w/app/docker-compose.override.yml': 'services: { web: { gpus: all } }\n', '/w/app/prod.yml': 'services: { web: { image: i } }\n' };
  expect(of('services: { web: { image: "i:$TAG" } }\n', files)).toMatchObject({
    problems: [{ key: 'services.web.gpus', file: 'docker-compose.override.yml', line: 1 }],
    incomplete: ['needs a value for TAG'],
  });
  expect(check('/w/app/prod.yml', '/w', (path) => ({ ...files })[path])).toMatchObject({ result: 'translated', problems: [] });
  const override = '/w/app/docker-compose.override.yml';
  expect(check(override, '/w', (path) => ({ ...files })[path])).toMatchObject({ problems: [{ line: 1 }], incomplete: ['needs the image of web'] });
});

it('names the file of a fault that an included or extended one has', () => {
  const files = {
    '/w/app/sub/a.yml': 'services:\n  a:\n    image: i\n    gpus: all\n    isolation: process\n    volumes: [data:/a]\nvolumes:\n  data: { driver: nope }\n',
    '/w/app/common.yml': 'services:\n  base: { image: i, cgroup_parent: x, privileged: true, restart: never }\n',
  };
  const { problems, optOuts, withoutEffect } = of('include: [sub/a.yml]\nservices: { b: { extends: { file: common.yml, service: base } } }\n', files);
  expect(problems.map(({ file, line, key }) => `${file}:${line} ${key}`).sort()).toEqual([
    'common.yml:2 services.b.restart',
    'sub/a.yml:4 services.a.gpus',
    'sub/a.yml:5 services.a.isolation',
    'sub/a.yml:8 volumes.data.driver',
  ]);
  expect(optOuts).toMatchObject([{ file: 'common.yml', line: 2, key: 'services.b.privileged' }]);
  expect(withoutEffect).toMatchObject([{ file: 'common.yml', line: 2, key: 'services.b.cgroup_parent' }]);
});

it('takes no word after $$ for a variable, and a name without a value for one', () => {
  const text =
    'services:\n  a: { image: i, working_dir: /home/$$USER/x, command: "echo $$HOME/$${A}/$$$PORT/", environment: [HASH=$$2y$$10$$hBC/S, TOKEN, B=] }\n';
  expect(of(text).incomplete).toEqual(['needs a value for PORT', 'needs a value for TOKEN']);
  expect(of('services: { a: { image: i, environment: { TOKEN: , B: "" } } }\n').incomplete).toEqual(['needs a value for TOKEN']);
  expect(of('services: { a: { image: i, environment: [TOKEN] } }\n', { '/w/app/.env': 'TOKEN=a\n' }).incomplete).toEqual([]);
});

it('says which files with variables and labels a build needs, .env too, and goes on', () => {
  expect(of('services: { a: { image: "i:$TAG", env_file: .env, label_file: ./labels, gpus: all } }\n')).toMatchObject({
    problems: [{ key: 'services.a.gpus' }],
    incomplete: ['needs a value for TAG', 'needs the file .env', 'needs the file labels'],
  });
});

it('refuses the socket of an engine wherever it is, and whatever a variable says', () => {
  const text = `services:
  a:
    image: i
    volumes:
      - $XDG_RUNTIME_DIR/docker.sock:/x.sock
      - \${SOCKET}:/var/run/docker.sock:ro
      - /run/user/1000/podman/podman.sock:/y.sock
      - docker.sock:/data
volumes: { docker.sock: {} }
`;
  expect(of(text).problems.map(({ key }) => key)).toEqual(['services.a.volumes[0]', 'services.a.volumes[1]', 'services.a.volumes[2]']);
});

it('says where the services of a file of Compose 1 belong', () => {
  expect(of('web: { image: i }\n').problems).toMatchObject([{ line: 1, column: 1, hint: expect.stringContaining('below "services:"') as string }]);
  expect(of('services: { a: { image: i } }\nweb: { image: i }\n').problems).toMatchObject([{ hint: expect.stringMatching(/^Write one of /) as string }]);
});
