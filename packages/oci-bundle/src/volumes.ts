import type { Definition } from './definition.schema.d.ts';
import { fnv1a } from './id-range.ts';

type LongForm = Exclude<NonNullable<Definition['volumes']>[number], string>;

/** A mount of `volumes`, in its long form. */
export interface Volume extends LongForm {
  /** Programs may be run from there, whatever the profile. */
  exec?: true;
}

/** `volumes` of a definition in the long form, in the definition's order. */
export function volumesOf({ volumes = [] }: Pick<Definition, 'volumes'>): Volume[] {
  return volumes.map((entry) => (typeof entry === 'string' ? longForm(entry) : entry));
}

/** `shop:/data:ro` */
function longForm(text: string): Volume {
  const [source = '', target = '', options = ''] = text.split(':');
  const modes = options.split(',');
  return {
    type: source.startsWith('/') ? 'bind' : 'volume',
    source,
    target,
    ...(modes.includes('ro') ? { read_only: true } : {}),
    ...(modes.includes('exec') ? { exec: true } : {}),
  };
}

/** Where a volume is on the data disk: by its name, or, without one, by its container and the place there. */
export function directoryOf(own: string, { source, target, volume: { container = own } = {} }: Volume): string {
  if (source !== undefined) return `volumes/${source}`;
  // The last part is for people; the hash tells apart what has the same one.
  const hash = fnv1a(target).toString(16).padStart(8, '0');
  return `anonymous/${container}/${hash}-${(/[^/]*$/.exec(target)?.[0] ?? '').replace(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 200)}`;
}
