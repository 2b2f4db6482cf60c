import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { installSource } from '@container-os/sources/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import seccompProfile from '../src/seccomp-profile/executor.ts';
import { PROFILE } from './profile.ts';

const workspace = useWorkspace();
const artifact = (): string => workspace.artifact('seccomp-profile');
const build = async (profile: object): Promise<boolean> => {
  await installSource(workspace, 'seccomp-profile', { version: '26', files: { 'default.json': Buffer.from(JSON.stringify(profile)) } });
  return workspace.run(seccompProfile, 'seccomp-profile', {});
};

it("is the source's file as it is, and its manifest names the source", async () => {
  expect(await build(PROFILE)).toBe(true);
  expect(JSON.parse(await readFile(join(artifact(), 'profile.json'), 'utf8'))).toEqual(PROFILE);
  expect(await readManifest(artifact())).toMatchObject({ version: '26', sources: [{ name: 'seccomp-profile' }] });
});

it('a profile that allows calls by default is refused', async () => {
  expect(await build({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] })).toBe(false);
  expect(workspace.written).toContain('SECCOMP_PROFILE_INVALID');
  await expect(readManifest(artifact())).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
});
