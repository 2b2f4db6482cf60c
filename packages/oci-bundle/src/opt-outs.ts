import { OPT_OUTS, type OptOuts } from '@container-os/compose-file/opt-outs';
import { defaultsOf } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';

/** A key with which a definition weakens what the OS promises. */
export interface OptOut {
  /** As the definition writes it: `userns_mode: host`. */
  text: string;
  reason: string;
}

/** The keys with which a definition weakens what the OS promises, or what its profile has by default. */
export function optOuts(definition: Definition): OptOut[] {
  const all = Object.entries<OptOuts[string]>(OPT_OUTS).flatMap(([key, cases]) =>
    [definition[key as keyof Definition]].flat().flatMap((value) => {
      const reason = value === undefined ? undefined : cases.find((one) => one.matches(value))?.status.reason;
      return reason === undefined ? [] : [{ text: `${key}: ${textOf(value)}`, reason }];
    }),
  );
  return [...all, ...ofProfile(definition)];
}

/** What a hardened container has by default, and Docker's has not. */
function ofProfile({ 'x-profile': profile, cap_add = [], read_only, security_opt = [] }: Definition): OptOut[] {
  if (profile !== 'hardened') return [];
  const { capabilities } = defaultsOf({ 'x-profile': profile });
  return [
    ...(read_only === false ? [{ text: 'read_only: false', reason: 'The program can change its own files.' }] : []),
    ...security_opt
      .filter((one) => one === 'no-new-privileges:false')
      .map((one) => ({ text: `security_opt: ${one}`, reason: 'Set-user-ID programs gain privileges.' })),
    ...cap_add
      .filter((one) => !capabilities.includes(one))
      .map((one) => ({ text: `cap_add: ${one}`, reason: 'The program has a capability that the profile does not give.' })),
  ];
}

function textOf(value: unknown): string {
  const { source } = (value ?? {}) as { source?: string };
  return source ?? (typeof value === 'string' ? value : JSON.stringify(value));
}
