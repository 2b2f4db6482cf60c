// Raw facts: node --import … facts.ts context.json
import { execFileSync } from 'node:child_process';
import { realpathSync, readFileSync, lstatSync } from 'node:fs';
import { trace } from './trace.ts';
const [name, context, launcher = 'none', limit = '600'] = process.argv.slice(2) as [string, string, string?, string?];
const workspace = process.cwd();
const env = { ...process.env, CONTAINER_OS_COMPILER_LAUNCHER: launcher };
const observed = await trace(['timeout', limit, 'node', 'tools/one-task/run.mjs', context], { log: `/tmp/tr/log-${name}`, begin: '/one-task/begin', end: '/one-task/end', cwd: workspace, env });
const { uses, users } = observed;
const lines: string[] = [`## ${name} (launcher ${launcher}; exit ${observed.exitCode})`, ''];
if (observed.exitCode !== 0) lines.push('```', observed.output.slice(-1500), '```');
const home = process.env['HOME'] ?? '/root';
const cache = `${home}/.cache/container-os`;
const ran = [...uses].filter(([, use]) => use.has('run')).map(([path]) => path).sort();
const clip = (path: string): string => path.replace(workspace, '<ws>').replace(cache, '<cache>').replace(/scratch\/[^/]+/, 'scratch/*').replace(/\.partial-\d+/, '.partial');
const inScratch = (path: string): boolean => path.startsWith(`${cache}/`) || /\/dist\//.test(path);
lines.push('**Programs run (outside scratch/trees):** ' + [...new Set(ran.filter((p) => !inScratch(p)))].map((p) => `\`${clip(p)}\``).join(' '), '');
lines.push('**Programs run in scratch/trees:** ' + [...new Set(ran.filter(inScratch).map(clip))].slice(0, 60).map((p) => `\`${p}\``).join(' '), '');
const groups = new Map<string, Set<string>>();
const outside: string[] = [];
const byGroup: Record<string, string[]> = { workspace: [], node_modules: [], cache: [], tmp: [], home: [], proc: [] };
const missing: string[] = [];
const byCommands = new Set([...users].filter(([program]) => program !== process.execPath && !program.endsWith('/node') && program !== '/usr/bin/timeout' && program !== '').flatMap(([, paths]) => [...paths]));
for (const [path, use] of uses) {
  const command = byCommands.has(path);
  const real = use.has('read') || use.has('run') || use.has('list') || use.has('look');
  if (!real) { if (use.has('missing') && command) missing.push(path); continue; }
  if (path.startsWith(workspace)) (path.includes('/node_modules/') && !path.includes('/@container-os/') ? byGroup.node_modules! : byGroup.workspace!).push(`${clip(path)}`);
  else if (path.startsWith(cache)) byGroup.cache!.push(path);
  else if (!command) continue;
  else if (path.startsWith('/tmp/')) byGroup.tmp!.push(path);
  else if (path.startsWith(home)) byGroup.home!.push(`${path} [${[...use].join(',')}]`);
  else if (/^\/(proc|sys|dev)\//.test(path)) byGroup.proc!.push(path.replace(/\/proc\/\d+/, '/proc/N'));
  else if (use.has('read') || use.has('run') || use.has('list')) outside.push(path);
}
const owner = new Map<string, string>();
const ask = (paths: string[]): void => {
  for (let i = 0; i < paths.length; i += 200) {
    let out = '';
    try { out = execFileSync('dpkg-query', ['-S', ...paths.slice(i, i + 200)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); } catch (e) { out = String((e as { stdout?: unknown }).stdout ?? ''); }
    for (const line of out.split('\n')) { const m = /^(.*?): (\/.*)$/.exec(line); if (m && !line.startsWith('diversion')) owner.set(m[2]!, m[1]!.replace(/:amd64/g, '')); }
  }
};
const candidates = new Map<string, string[]>();
for (const p of outside) { const list = new Set([p]); try { list.add(realpathSync(p)); } catch {} for (const q of [...list]) { if (q.startsWith('/usr/')) list.add(q.slice(4)); else list.add(`/usr${q}`); } candidates.set(p, [...list]); }
ask([...new Set([...candidates.values()].flat())]);
const unowned: string[] = [];
for (const p of outside) {
  const pkg = candidates.get(p)!.map((q) => owner.get(q)).find(Boolean);
  let dir = false; try { dir = lstatSync(p).isDirectory(); } catch {}
  if (!pkg) unowned.push(p + (dir ? '/' : '') + ` [${[...uses.get(p)!].join(',')}]`);
  else if (!dir) (groups.get(pkg) ?? groups.set(pkg, new Set()).get(pkg)!).add(p);
}
lines.push('**Debian packages (files opened or run):**', '');
for (const [pkg, files] of [...groups].sort()) lines.push(`- ${pkg} (${files.size}): ${[...files].sort().slice(0, files.size > 25 ? 4 : 25).map((f) => `\`${f}\``).join(' ')}${files.size > 25 ? ' …' : ''}`);
lines.push('', '**Not owned by a package:**', ...unowned.sort().map((p) => `- \`${p}\``), '');
lines.push('**HOME:** ' + (byGroup.home!.sort().join(' ') || 'none'), '', '**/proc /sys /dev:** ' + [...new Set(byGroup.proc!)].sort().slice(0, 60).join(' '), '', '**/tmp:** ' + [...new Set(byGroup.tmp!.map((p) => p.replace(/[A-Za-z0-9]{6}(\.\w+)?$/, 'XXXXXX$1')))].slice(0, 20).join(' '), '');
lines.push(`**User cache:** ${byGroup.cache!.length} paths; roots: ` + [...new Set(byGroup.cache!.map((p) => p.slice(cache.length + 1).split('/').slice(0, 2).join('/').replace(/scratch\/.*/, 'scratch/*')))].sort().slice(0, 20).join(' '), '');
const modules = new Map<string, number>();
for (const p of byGroup.node_modules!) { const m = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(p); if (m) modules.set(m[1]!, (modules.get(m[1]!) ?? 0) + 1); }
lines.push('**npm packages read:** ' + [...modules].sort().map(([n, c]) => `${n}(${c})`).join(' '), '');
lines.push(`**Workspace files opened:** ` + byGroup.workspace!.filter((p) => !p.startsWith('<ws>/dist') && !p.includes('node_modules/@container-os') && uses.get(p.replace('<ws>', workspace))!.has('read')).map((p) => p.replace('<ws>/', '')).sort().join(' '), '');
lines.push('**Artifacts:** ' + [...new Set(byGroup.workspace!.filter((p) => p.startsWith('<ws>/dist/os-images/demo-os') && (uses.get(p.replace('<ws>', workspace))?.has('read') ?? true)).map((p) => p.replace('<ws>/', '').replace(/partial\/.*/, 'partial/…')))].sort().slice(0, 80).join(' '), '');
const miss = missing.filter((p) => !p.startsWith(workspace) && !p.startsWith(cache) && !p.startsWith('/tmp/'));
const missPrograms = miss.filter((p) => /\/s?bin\/[^/]+$/.test(p));
lines.push('**Programs looked for that nobody has:** ' + [...new Set(missPrograms.map((p) => p.split('/').pop()!))].filter((n) => !ran.some((r) => r.endsWith(`/${n}`))).sort().join(' '), '');
lines.push('**Other missing paths:** ' + miss.filter((p) => !missPrograms.includes(p)).sort().slice(0, 80).join(' '), '');
lines.push('**Who ran what (reads by program, top):** ' + [...users].sort((a, b) => b[1].size - a[1].size).slice(0, 12).map(([p, s]) => `${clip(p)} ${s.size}`).join(', '), '', '');
process.stdout.write(lines.join('\n'));
