import { expect, it } from 'vitest';
import { shop } from './shop.ts';

const compose = (service: string): string => `services:
  a: { image: i, ${service} }
secrets:
  db: { file: ./db.txt }
  token: { environment: TOKEN }
  prod: { external: true, name: prod-1 }
configs: { app: { content: "secret-of-\${TOKEN}" } }
x-os: { environment: [TOKEN] }
`;

it('secrets and configs become files at absolute paths; the options have their names, and no value', () => {
  process.env['TOKEN'] = 'v4lue';
  const { options } = shop(
    compose(
      'secrets: [db, { source: token, target: t, uid: "5", mode: 0400 }, prod, { source: db, target: /etc/db }], configs: [app, { source: app, target: x/y }]',
    ),
  )['bundle-a']!;
  delete process.env['TOKEN'];
  expect(options).toMatchObject({
    service: {
      secrets: [
        { source: 'db', target: '/run/secrets/db' },
        { source: 'token', target: '/run/secrets/t', uid: '5', mode: '0400' },
        { source: 'prod-1', target: '/run/secrets/prod', external: true },
        { source: 'db', target: '/etc/db' },
      ],
      configs: [
        { source: 'app', target: '/app' },
        { source: 'app', target: '/x/y' },
      ],
    },
    contents: { file: 'compose.yaml', secrets: ['db', 'token'], configs: ['app'], inherited: ['TOKEN'] },
  });
  expect(JSON.stringify(options)).not.toContain('v4lue');
});

it('a service with external ones alone reads nothing when it is built', () => {
  expect(shop(compose('secrets: [prod]'))['bundle-a']!.options).not.toHaveProperty('contents');
});
