import { bindOf, clean } from './binds.ts';
import { defined } from './defined.ts';
import type { Mount } from './volumes.ts';
import type { Project, Service } from './model.ts';

/** What is mounted in the container. */
export function mountsOf({ volumes, tmpfs }: Service, project: Project): object {
  const mounts = (volumes ?? []).map((mount) => longForm(mount, project));
  return { ...(tmpfs && tmpfs.length > 0 ? { tmpfs } : {}), ...(mounts.length > 0 ? { volumes: mounts } : {}) };
}

function longForm(mount: Mount, { volumes, workspace }: Project): object {
  const { type, source, target, read_only, volume, tmpfs } = mount;
  if (type === 'bind') return bindOf(mount, workspace);
  return defined({
    type,
    // A volume is known by its real name.
    source: type === 'volume' && source !== undefined ? (volumes[source]?.name ?? source) : source,
    target: clean(target),
    read_only: read_only || undefined,
    volume: ifAny({ nocopy: volume?.nocopy || undefined, container: volume?.container, subpath: volume?.subpath || undefined }),
    tmpfs: ifAny({ size: tmpfs?.size === undefined ? undefined : Number(tmpfs.size), mode: tmpfs?.mode }),
  });
}

function ifAny(keys: Record<string, unknown>): Record<string, unknown> | undefined {
  const said = defined(keys);
  return Object.keys(said).length > 0 ? said : undefined;
}
