import { expect, it } from 'vitest';
import type { Definition } from '../src/definition.ts';
import { serviceFile } from '../src/service.ts';

const service = (keys: Partial<Definition>): string => serviceFile({ rootfs: ['busybox'], command: ['a'], ...keys });

it('without a word about it, a container is started again, and has ten seconds to end', () => {
  expect(service({})).toBe("restart=always\nretries=0\ndepends=''\nstop_signal=TERM\ngrace=10\n");
});

it('the keys of the definition become variables', () => {
  const depends_on: Definition['depends_on'] = { db: { condition: 'service_started' }, init: { condition: 'service_completed_successfully' } };
  expect(service({ restart: 'on-failure:3', depends_on, stop_signal: 'SIGUSR1', stop_grace_period: '3s' })).toBe("restart=on-failure\nretries=3\ndepends='db:service_started init:service_completed_successfully'\nstop_signal=USR1\ngrace=3\n");
});
