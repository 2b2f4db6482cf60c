import { expect, it } from 'vitest';
import { chooseLauncher, jobsFor } from '../src/launcher.ts';

it('the option wins over the environment, which wins over a ccache that is there', () => {
  const program = (choice: Parameters<typeof chooseLauncher>[0]): string | undefined => chooseLauncher(choice).program;
  expect(program({ hasCcache: false })).toBeUndefined();
  expect(program({ hasCcache: true })).toBe('ccache');
  expect(program({ environment: '', hasCcache: true })).toBe('ccache');
  expect(program({ environment: 'distcc', hasCcache: true })).toBe('distcc');
  expect(program({ option: 'none', environment: 'distcc', hasCcache: true })).toBeUndefined();
  expect(program({ option: '/opt/icecream/bin/icecc', hasCcache: true })).toBe('/opt/icecream/bin/icecc');
});

it("distcc behind ccache is named by ccache's own variable", () => {
  expect(chooseLauncher({ option: 'ccache distcc', hasCcache: true })).toEqual({ program: 'ccache', env: { CCACHE_PREFIX: 'distcc' }, remote: true });
});

it.each(['toString', 'distcc ccache', '/opt/launcher', 'gcc; rm -rf /'])('the environment may not name %s, which no hash would know of', (environment) => {
  expect(() => chooseLauncher({ environment, hasCcache: true })).toThrow(/COMPILER_LAUNCHER_UNKNOWN|CONTAINER_OS_COMPILER_LAUNCHER is/);
});

it('jobs are as many as the machines take, and never fewer than this one has cores', () => {
  expect(jobsFor(2, 16)).toBe(16);
  expect(jobsFor(8, 4)).toBe(8);
  expect(jobsFor(2, 0)).toBe(2);
  expect(jobsFor(2, Number('distcc: no hosts'))).toBe(2);
});
