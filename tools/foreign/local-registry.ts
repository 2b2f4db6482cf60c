// npm run registry: a registry of this machine with all packages of this checkout, for workspaces beside it, until it is ended.
import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../files.ts';
import { publishAll } from './publish.ts';
import { startRegistry } from './registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'registry-'));
await execa('npx', ['nx', 'run-many', '-t', 'build-packages', 'prebuild'], { cwd: root, stdio: 'inherit' });
const registry = await startRegistry(directory, 4873);
await publishAll(registry.url, { ...process.env, ...registry.env });
console.log(`\nAll packages are at ${registry.url} until you press Ctrl-C. In a workspace of yours:\n`);
console.log(`  export npm_config_registry=${registry.url}`);
console.log('  npx nx add @container-os/image');
await new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
});
await registry.stop();
rmSync(directory, { recursive: true });
