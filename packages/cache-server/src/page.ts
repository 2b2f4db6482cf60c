import { html } from 'hono/html';
import type { Activity } from './activity.ts';
import { formatAge, formatSize } from './config/units.ts';
import type { Sweep } from './house-keeping/evict.ts';
import type { ListedEntry } from './stores/store.ts';

/** Content of the page. */
export interface PageData {
  sweep: Sweep | undefined;
  biggest: readonly ListedEntry[];
  counts: { hits: number; misses: number };
  refusals: readonly Activity[];
  hits(namespace: string, hash: string): number;
  /** Bytes; 0 is no limit. */
  maxSize: number;
  now: Date;
}

/**
 * The page at `/`. It has no script and loads nothing. `html` escapes every value.
 *
 * @example
 * const text = await renderPage(data);
 */
export async function renderPage({ sweep, biggest, counts, refusals, hits, maxSize, now }: PageData): Promise<string> {
  const asked = counts.hits + counts.misses;
  const bytes = sweep?.bytes ?? 0;
  const ago = (time: Date): string => formatAge(now.getTime() - time.getTime());
  return String(
    await html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta http-equiv="refresh" content="30" />
          <title>cache-server</title>
          <style>
            ${STYLE}
          </style>
        </head>
        <body>
          <h1>cache-server</h1>
          <dl>
            <div>
              <dt>hit rate</dt>
              <dd id="hit-rate">${asked === 0 ? '–' : `${Math.round((100 * counts.hits) / asked)} %`}</dd>
              <p>${counts.hits} of ${asked} requests since the start</p>
            </div>
            <div>
              <dt>stored</dt>
              <dd id="stored">${formatSize(bytes)}</dd>
              <p>
                ${
                  maxSize === 0
                    ? 'no limit'
                    : html`of ${formatSize(maxSize)} <meter min="0" max="${maxSize}" high="${maxSize * 0.95}" value="${bytes}">${formatSize(bytes)}</meter>`
                }
              </p>
            </div>
            <div>
              <dt>entries</dt>
              <dd id="entries">${sweep?.entries ?? 0}</dd>
              <p>${sweep?.evicted ?? 0} evicted by the last eviction</p>
            </div>
          </dl>
          <h2>Largest entries</h2>
          ${
            biggest.length === 0
              ? html`<p class="none">None yet.</p>`
              : html`<div class="wide">
                  <table id="biggest">
                    <thead>
                      <tr>
                        <th>hash</th>
                        <th>namespace</th>
                        <th class="n">size</th>
                        <th class="n">age</th>
                        <th class="n">last use</th>
                        <th class="n">hits</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${biggest.map(
                        ({ key, size, created, used }) =>
                          html` <tr>
                            <td><code>${key.hash}</code></td>
                            <td>${key.namespace}</td>
                            <td class="n">${formatSize(size)}</td>
                            <td class="n">${ago(created)}</td>
                            <td class="n">${ago(used)}</td>
                            <td class="n">${hits(key.namespace, key.hash)}</td>
                          </tr>`,
                      )}
                    </tbody>
                  </table>
                </div>`
          }
          <h2>Recent refusals</h2>
          ${
            refusals.length === 0
              ? html`<p class="none">None since the start.</p>`
              : html`<div class="wide">
                  <table id="refusals">
                    <thead>
                      <tr>
                        <th>reason</th>
                        <th>request</th>
                        <th>token</th>
                        <th>address</th>
                        <th class="n">ago</th>
                      </tr>
                    </thead>
                    <tbody>
                      ${refusals.map(
                        ({ outcome, method, hash, token, address, time }) =>
                          html` <tr>
                            <td><strong>${outcome}</strong></td>
                            <td><code>${method} ${hash.slice(0, 40)}</code></td>
                            <td>${token ?? '–'}</td>
                            <td>${address}</td>
                            <td class="n">${ago(time)}</td>
                          </tr>`,
                      )}
                    </tbody>
                  </table>
                </div>`
          }
          <footer><a href="/metrics">metrics</a> · <a href="/healthz">health</a></footer>
        </body>
      </html> `,
  );
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #30363d); --soft: light-dark(#59636e, #9198a1); --card: light-dark(#f6f8fa, #161b22); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3); }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; }
dt, dl p, .none, footer { color: var(--soft); } dl p { margin: 0; } dd { margin: 0; font-size: 2rem; font-variant-numeric: tabular-nums; }
meter { width: 100%; display: block; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } .n { text-align: right; font-variant-numeric: tabular-nums; } td:last-child, th:last-child { padding-right: 0; }
code { font-size: .9em; } footer { margin-top: 2rem; font-size: .9em; } a { color: inherit; }
`;
