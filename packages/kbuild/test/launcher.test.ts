import { expect, it } from 'vitest';
import { chooseLauncher, compilerArguments, jobsFor } from '../src/launcher.ts';

it('the option wins over the environment, which wins over a ccache that is there', () => {
  const variables = (choice: Parameters<typeof chooseLauncher>[0]): string[] => compilerArguments(chooseLauncher(choice));
  expect(variables({ hasCcache: false })).toEqual(['CC=gcc', 'HOSTCC=gcc']);
  expect(variables({ hasCcache: true })).toEqual(['CC=ccache gcc', 'HOSTCC=ccache gcc']);
  expect(variables({ environment: '', hasCcache: true })).toEqual(['CC=ccache gcc', 'HOSTCC=ccache gcc']);
  expect(variables({ environment: 'distcc', hasCcache: true })).toEqual(['CC=distcc gcc', 'HOSTCC=distcc gcc']);
  expect(variables({ option: 'none', environment: 'distcc', hasCcache: true })).toEqual(['CC=gcc', 'HOSTCC=gcc']);
  expect(variables({ option: '/opt/icecream/bin/icecc', hasCcache: true })).toEqual(['CC=/opt/icecream/bin/icecc gcc', 'HOSTCC=/opt/icecream/bin/icecc gcc']);
});

it("distcc behind ccache is named by ccache's own variable", () => {
  expect(chooseLauncher({ option: 'ccache distcc', hasCcache: true })).toEqual({ prefix: 'ccache ', env: { CCACHE_PREFIX: 'distcc' }, remote: true });
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
