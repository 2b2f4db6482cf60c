import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheDir, stateDir } from '../src/paths.ts';

beforeEach(() => {
  for (const name of ['CONTAINER_OS_CACHE', 'XDG_CACHE_HOME']) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', '/home/user');
});
afterEach(() => vi.unstubAllEnvs());

describe('the cache directory', () => {
  it('is in HOME, unless XDG_CACHE_HOME or CONTAINER_OS_CACHE says otherwise', () => {
    expect(cacheDir('store')).toBe('/home/user/.cache/container-os/store');
    vi.stubEnv('XDG_CACHE_HOME', '');
    expect(cacheDir('store')).toBe('/home/user/.cache/container-os/store');
    vi.stubEnv('XDG_CACHE_HOME', '/var/cache');
    expect(cacheDir('store')).toBe('/var/cache/container-os/store');
    vi.stubEnv('CONTAINER_OS_CACHE', '/srv/jürgen/a-b_c.d+e@f,g~h');
    expect(cacheDir('store')).toBe('/srv/jürgen/a-b_c.d+e@f,g~h/store');
  });

  it.each([
    ['CONTAINER_OS_CACHE', '/my cache', 'a path without " "'],
    ['XDG_CACHE_HOME', '/a:b', 'a path without ":"'],
    ['HOME', '/home/Ada Lovelace', 'a path without " "'],
    ['CONTAINER_OS_CACHE', '/a$b', 'a path without "$"'],
    ['CONTAINER_OS_CACHE', 'cache', 'an absolute path'],
    ['XDG_CACHE_HOME', './cache', 'an absolute path'],
  ])('is refused, with the name of the variable: %s=%s', (name, path, expected) => {
    vi.stubEnv(name, path);
    expect(() => cacheDir('trees')).toThrow(
      expect.objectContaining({ code: 'CACHE_PATH_INVALID', message: expect.stringContaining(`${name} is ${JSON.stringify(path)}, expected ${expected}`) }),
    );
  });

  it('has not to be usable where it is not used', () => {
    vi.stubEnv('HOME', '/home/Ada Lovelace');
    vi.stubEnv('CONTAINER_OS_CACHE', '/var/tmp/container-os');
    expect(cacheDir()).toBe('/var/tmp/container-os');
  });
});

describe('the state directory', () => {
  beforeEach(() => vi.stubEnv('XDG_STATE_HOME', undefined));

  it('is in HOME, unless XDG_STATE_HOME is an absolute path', () => {
    expect(stateDir('/src/os', 'demo-os')).toMatch(/^\/home\/user\/\.local\/state\/container-os\/os-[0-9a-f]{8}\/demo-os$/);
    vi.stubEnv('XDG_STATE_HOME', 'state');
    expect(stateDir('/src/os', 'demo-os')).toMatch(/^\/home\/user\//);
    vi.stubEnv('XDG_STATE_HOME', '/home/Ada Lovelace/state');
    expect(stateDir('/src/os', 'demo-os')).toMatch(/^\/home\/Ada Lovelace\/state\/container-os\/os-/);
  });

  it('is another one for another image or clone', () => {
    const places = [stateDir('/a/os', 'demo-os'), stateDir('/b/os', 'demo-os'), stateDir('/a/os', 'other')];
    expect(new Set(places).size).toBe(3);
  });
});
