// The plugin on machines that it builds nothing on: the real Nx in a copy of the workspace, in which our code alone is told of another platform.
import { execa } from 'execa';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyWorkspace, nxEnvironment } from './workspace-copy.ts';

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'hosts-'));
  copyWorkspace(workspace);
  mkdirSync(join(workspace, 'apps/other'), { recursive: true });
  const greet = { executor: 'nx:run-commands', options: { command: 'echo greetings' } };
  writeFileSync(join(workspace, 'apps/other/project.json'), JSON.stringify({ name: 'other', targets: { greet } }));
});

afterAll(() => rmSync(workspace, { recursive: true }));

describe.each([
  ['darwin', 'arm64'],
  ['win32', 'x64'],
])('on %s %s', (platform, arch) => {
  const nx = async (...args: string[]): Promise<{ exitCode?: number; all: string }> => {
    const stub = { NODE_OPTIONS: `--require=${join(import.meta.dirname, 'hosts/platform.cjs')}`, STUB_PLATFORM: platform, STUB_ARCH: arch };
    return execa('npx', ['nx', ...args], { cwd: workspace, env: { ...nxEnvironment(), ...stub }, extendEnv: false, all: true, reject: false });
  };

  it('graph and affected are complete', async () => {
    expect(await nx('graph', '--file=graph.json')).toMatchObject({ exitCode: 0 });
    const { graph } = JSON.parse(readFileSync(join(workspace, 'graph.json'), 'utf8')) as { graph: { nodes: Record<string, { data: { targets: object } }> } };
    expect(Object.keys(graph.nodes['demo-os']?.data.targets ?? {})).toContain('iso');
    const { all } = await nx('show', 'projects', '--affected', '--files=os-images/demo-os/compose.yaml', '--json');
    expect(all).toContain('"demo-os"');
  });

  it("other projects' targets run, and ours refuse before they do anything", async () => {
    const { exitCode, all } = await nx('run-many', '-t', 'greet,sources,doctor', '--outputStyle=stream');
    expect(exitCode).toBe(1);
    expect(all).toContain('greetings');
    expect(all).toContain(`HOST_UNSUPPORTED: base-vm:sources: this host is ${platform} ${arch}, expected linux`);
    expect(all).toContain(`HOST_UNSUPPORTED: demo-os:doctor: this host is ${platform}`);
    expect(all).toContain('nx graph, nx affected and the targets of other projects work');
    expect(existsSync(join(workspace, 'dist'))).toBe(false);
  });
});
