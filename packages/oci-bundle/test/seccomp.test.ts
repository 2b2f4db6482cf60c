import { expect, it } from 'vitest';
import { resolveSeccomp } from '../src/seccomp.ts';
import { PROFILE } from './profile.ts';

const names = (...capabilities: string[]): string[] => resolveSeccomp(PROFILE, capabilities).syscalls.flatMap((rule) => rule.names);

it('a rule for other architectures or for a missing capability does not apply', () => {
  expect(names('CAP_KILL')).toEqual(['read', 'write', 'ptrace', 'socket', 'arch_prctl', 'clone3']);
});

it('a capability allows its calls, and disables the rules for containers without it', () => {
  expect(names('CAP_KILL', 'CAP_SYS_ADMIN')).toEqual(['read', 'write', 'ptrace', 'socket', 'arch_prctl', 'mount']);
});

it('the result has the form of the OCI specification', () => {
  const { syscalls, ...rest } = resolveSeccomp(PROFILE, []);
  expect(rest).toEqual({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'] });
  expect(syscalls[2]).toEqual({ names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] });
  expect(syscalls.at(-1)).toEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
});
