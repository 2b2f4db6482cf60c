import type { Service } from './service.ts';

/** What is mounted in the container. */
export function mountsOf({ volumes, tmpfs }: Service): object {
  const memory = [...(tmpfs ?? []), ...(volumes ?? []).flatMap((mount) => (mount.type === 'tmpfs' ? [memoryMount(mount)] : []))];
  const kept = (volumes ?? []).flatMap(({ type, source, target, read_only }) =>
    type === 'tmpfs' ? [] : [`${source ?? ''}:${target}${read_only ? ':ro' : ''}`],
  );
  return { ...(memory.length > 0 ? { tmpfs: memory } : {}), ...(kept.length > 0 ? { volumes: kept } : {}) };
}

/** `/cache:size=64m,mode=0700` */
function memoryMount({ target, tmpfs: { size, mode } = {} }: NonNullable<Service['volumes']>[number]): string {
  const options = [...(size === undefined ? [] : [`size=${size}`]), ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`])];
  return options.length > 0 ? `${target}:${options.join(',')}` : target;
}
