export { firstId } from './id-range.ts';
export { readProfile } from './seccomp-profile.ts';
