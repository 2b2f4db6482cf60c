import type { ImageConfig } from '@container-os/oci-image';
import { describe, expect, it } from 'vitest';
import { withImage, type ImageService } from '../src/image-service.ts';

const image: ImageConfig = {
  Entrypoint: ['/entry'],
  Cmd: ['serve', '-v'],
  Env: ['PATH=/app/bin:/bin', 'MODE=prod', 'EMPTY=', 'BARE', 'URL=a=b', 'MODE=live'],
  User: 'app',
  WorkingDir: '/srv/app',
  StopSignal: 'SIGQUIT',
  ExposedPorts: { '80/tcp': {} },
};

describe('what runs: as Docker merges entrypoint and command', () => {
  it.each<[string, ImageService, ImageConfig, string[]]>([
    ["nothing said: the image's", {}, image, ['/entry', 'serve', '-v']],
    ['a command takes the place of the command alone', { command: ['sh'] }, image, ['/entry', 'sh']],
    ["an empty command is the image's", { command: [] }, image, ['/entry', 'serve', '-v']],
    ["an entrypoint drops the image's command", { entrypoint: ['/e'] }, image, ['/e']],
    ["an entrypoint drops the image's command, although the command is empty", { entrypoint: ['/e'], command: [] }, image, ['/e']],
    ['entrypoint and command', { entrypoint: ['/e'], command: ['a'] }, image, ['/e', 'a']],
    ["an empty entrypoint keeps the image's command", { entrypoint: [] }, image, ['serve', '-v']],
    ['an empty entrypoint with a command', { entrypoint: [], command: ['a'] }, image, ['a']],
    ['an entrypoint of one empty word drops both', { entrypoint: [''] }, image, []],
    ['an entrypoint of one empty word, and a command', { entrypoint: [''], command: ['a'] }, image, ['a']],
    ['an image with a command alone', {}, { Cmd: ['a'] }, ['a']],
    ['an image with null', {}, { Entrypoint: null, Cmd: null }, []],
    ['an image whose entrypoint is one empty word', {}, { Entrypoint: [''], Cmd: ['a'] }, ['a']],
  ])('%s', (_, service, config, command) => {
    expect(withImage(service, config)['command']).toEqual(command);
  });
});

describe('the environment', () => {
  it("is the image's, then the service's; a name without value is not set", () => {
    expect(withImage({}, image, { MODE: 'test', URL: undefined, NEW: '' })['environment']).toEqual({
      PATH: '/app/bin:/bin',
      MODE: 'test',
      EMPTY: '',
      NEW: '',
    });
    expect(withImage({}, image)['environment']).toEqual({ PATH: '/app/bin:/bin', MODE: 'live', EMPTY: '', URL: 'a=b' });
    expect(withImage({}, {})['environment']).toEqual({});
  });
});

describe('user, directory and stop signal', () => {
  it.each<[ImageService, ImageConfig, object]>([
    [{}, image, { user: 'app', working_dir: '/srv/app', stop_signal: 'SIGQUIT' }],
    [{ user: '', working_dir: '', stop_signal: '' }, image, { user: 'app', working_dir: '/srv/app', stop_signal: 'SIGQUIT' }],
    [{ user: 'www', working_dir: '/w', stop_signal: 'SIGINT' }, image, { user: 'www', working_dir: '/w', stop_signal: 'SIGINT' }],
    [{}, {}, { user: '0' }],
    [{}, { WorkingDir: '', User: '', StopSignal: '9' }, { user: '0', stop_signal: 'SIGKILL' }],
  ])('of %j and the image %j', (service, config, expected) => {
    const { user, working_dir, stop_signal } = withImage(service, config);
    expect(JSON.parse(JSON.stringify({ user, working_dir, stop_signal }))).toEqual(expected);
  });

  it('keeps what else the service says, and nothing of ports that the image exposes', () => {
    expect(withImage({ ports: ['8080:80'], mem_limit: '1g' }, image)).toMatchObject({ ports: ['8080:80'], mem_limit: '1g' });
    expect(withImage({}, image)).not.toHaveProperty('ports');
  });
});

describe('the health check', () => {
  const checked: ImageConfig = {
    Healthcheck: { Test: ['CMD', '/check'], Interval: 5e9, Timeout: 1.4999999e9, StartPeriod: 60e9, StartInterval: 2e9, Retries: 7 },
  };
  const ofImage = { test: ['CMD', '/check'], interval: '5s', timeout: '1.5s', start_period: '60s', start_interval: '2s', retries: 7 };
  it.each<[string, ImageService['healthcheck'], ImageConfig, object | undefined]>([
    ['none anywhere', undefined, {}, undefined],
    ["the image's, in milliseconds, rounded up", undefined, checked, ofImage],
    ["an interval alone: the test and all else are the image's", { interval: '9s' }, checked, { ...ofImage, interval: '9s' }],
    ["a test alone: the times are the image's", { test: ['CMD', 'a'] }, checked, { ...ofImage, test: ['CMD', 'a'] }],
    ['nothing counts as not said', { test: [], interval: '0s', retries: 0 }, checked, ofImage],
    ['NONE in the service', { test: ['NONE'] }, checked, undefined],
    ['NONE in the image', { interval: '9s' }, { Healthcheck: { Test: ['NONE'] } }, undefined],
    ['an empty test in the image', undefined, { Healthcheck: { Test: [] } }, undefined],
    ['times without a test', { interval: '9s' }, {}, undefined],
    [
      "a line runs in the image's shell",
      undefined,
      { Healthcheck: { Test: ['CMD-SHELL', 'a && b'] }, Shell: ['/bin/bash', '-c'] },
      { test: ['CMD', '/bin/bash', '-c', 'a && b'] },
    ],
    ['a line', { test: ['CMD-SHELL', 'a'] }, {}, { test: ['CMD-SHELL', 'a'] }],
  ])('%s', (_, healthcheck, config, expected) => {
    expect(withImage({ ...(healthcheck ? { healthcheck } : {}) }, config)['healthcheck']).toEqual(expected);
  });
});
