import { expect, it } from 'vitest';
import { useOs } from './os.ts';

const os = useOs();
const { run, set } = os;

it('restart restarts the containers that depend on it so, in order', () => {
  const needs = (...names: string[]): object => ({
    depends_on: Object.fromEntries(names.map((one) => [one, { condition: 'service_started', restart: true }])),
  });
  os.container('api', { status: 'running' }, needs('web', 'pool'));
  os.container('pool', { status: 'running' }, needs('web'));
  os.container('apart', { status: 'running' }, { depends_on: { web: { condition: 'service_started' } } });
  os.container('ended', { status: 'exited' }, needs('web'));
  os.container('ring', { status: 'running' }, needs('ring2', 'api'));
  os.container('ring2', { status: 'running' }, needs('ring'));
  const done: string[] = [];
  const execute = (argv: string[]): number => {
    const name = argv.at(-1)!.replace(/.*\//, '');
    done.push(`${argv[0] === 'sv' ? 'start' : 'stop'} ${name}`);
    return set(name, 'status', argv[0] === 'sv' ? 'running' : 'stopped');
  };
  expect(run(['restart', 'web'], { execute })).toMatchObject({ code: 0, err: '' });
  expect(done).toEqual(
    ['ring2', 'ring', 'api', 'pool', 'web'].map((one) => `stop ${one}`).concat(['web', 'pool', 'api', 'ring', 'ring2'].map((one) => `start ${one}`)),
  );
});

it('list says what a container waits for', () => {
  os.container('app', { status: 'starting', waiting: 'waits for web:service_healthy', reason: 'exited with code 1: old' });
  expect(run(['ps']).out).toMatch(/^app +starting .* waits for web:service_healthy$/m);
});
