// npm run unit:affected: the unit tests of what changed between NX_BASE and NX_HEAD, by Nx's project graph. Those of
// the tools, which look at the whole workspace, always run.
import { execFileSync, spawnSync } from 'node:child_process';
import { root } from './files.ts';

const affected = JSON.parse(execFileSync('npx', ['nx', 'show', 'projects', '--affected', '--json'], { cwd: root, encoding: 'utf8' })) as string[];
const packages = affected.filter((name) => name.startsWith('@container-os/')).map((name) => name.replace('@container-os/', 'packages/'));
const folders = [...packages, 'tools'].sort();
console.log(`unit tests of ${folders.join(', ')}`);
const { status } = spawnSync('npm', ['run', '--silent', 'unit', '--', ...folders.map((folder) => `${folder}/`)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
