/** What an index says that a manifest is for. Source: image-spec 1.1, image-index.md. */
export interface Platform {
  os?: string;
  architecture?: string;
  variant?: string;
}

/** The variant that is meant where none is said. */
const USUAL: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' };

export function formatPlatform({ os = 'unknown', architecture = 'unknown', variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** Whether something for `platform` runs on `wanted`, `linux/arm/v6`. The host's platform has no say. */
export function matches(platform: Platform, wanted: string): boolean {
  const [os, architecture = '', variant] = wanted.split('/');
  const usual = USUAL[architecture];
  return platform.os === os && platform.architecture === architecture && (platform.variant ?? usual) === (variant ?? usual);
}
