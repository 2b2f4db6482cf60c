import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { expect, it, vi } from 'vitest';
import compose from '../src/generators/compose/generator.ts';

it('says what an image would do with a Compose file, class by class, and writes nothing', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  tree.write('app/compose.yaml', 'services:\n  web:\n    image: "nginx:${TAG}"\n    gpus: all\n    pid: host\n    pull_policy: always\n');
  const before = tree.listChanges().length;
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await compose(tree, { file: 'app' });
  const said = log.mock.calls.flat().join('\n');
  log.mockRestore();
  expect(said).toMatch(/^app\/compose.yaml: no image can be made of it as it is\n\nRefused:\n {2}app\/compose.yaml:4: services.web.gpus: .*\n {4}hint: /);
  expect(said).toMatch(/\n\nOpt-outs, .*:\n {2}app\/compose.yaml:5: services.web.pid: /);
  expect(said).toMatch(/\n\nWithout effect:\n {2}app\/compose.yaml:6: services.web.pull_policy: /);
  expect(said).toMatch(/\n\nWhat a build needs besides the file:\n {2}needs a value for TAG$/);
  expect(tree.listChanges()).toHaveLength(before);
  await expect(compose(tree, { file: 'nothing' })).rejects.toThrow(/^COMPOSE_FILE_MISSING: nothing.*hint/s);
});
