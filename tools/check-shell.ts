// npm run shell: shellcheck over every shell script of the repository, by suffix or by first line.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFiles, root } from './files.ts';

const scripts = repositoryFiles().filter(
  (file) => file.endsWith('.sh') || /^#!\s*\/(usr\/)?bin\/(env )?(ba|da|a)?sh\b/.test(readFileSync(join(root, file), 'latin1').slice(0, 40)),
);
const { status, error } = spawnSync('shellcheck', ['--external-sources', '--exclude=SC1091', ...scripts], { cwd: root, stdio: 'inherit' });
if (error) throw error;
if (status !== 0) process.exit(1);
console.log(`shellcheck: ${scripts.length} scripts are clean`);
