// npm run bootstrap [-- --e2e]: brings a machine to where everything here builds, or with --e2e is tested to its ends, and says
// what it installs before it does. Plain JavaScript without imports from npm: it runs before node_modules exists.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const start = performance.now();

requireNode([20, 19]);
installNpmPackages();
installHostPackages();
say(`Node ${process.versions.node}, npm and host packages are complete (${((performance.now() - start) / 1000).toFixed(1)} s)`);

/** @param {[number, number]} minimum */
function requireNode([major, minor]) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(
    `this is Node ${process.versions.node}, and ${major}.${minor} or newer is needed`,
    'Install Node 24 (or 20.19 and newer), then run the same command again.',
  );
}

/**
 * `npm ci`, unless node_modules holds what package-lock.json says: by npm's own copy of the lock, which it writes last, so that a cut run
 * counts as none, and by each package's own package.json. What npm leaves out for a variable of the environment is not there afterwards.
 */
function installNpmPackages() {
  const missing = missingNpmPackages();
  if (missing.length === 0) return;
  say(`npm ci (${missing.length} npm packages are missing or of another version)`);
  // Packages for tests are part of it, and tools that fetch or link a program of this platform, whatever npm's configuration leaves out.
  const all = [
    '--include=dev',
    '--include=optional',
    '--include=peer',
    '--ignore-scripts=false',
    '--dry-run=false',
    '--package-lock-only=false',
    '--global=false',
  ];
  execute(['npm', 'ci', '--no-audit', '--no-fund', ...all], 'See the lines above; npm needs to reach its registry.');
  const still = missingNpmPackages();
  if (still.length === 0) return;
  const asked = Object.keys(process.env).filter((name) => /^(npm_config_|NODE_(ENV|OPTIONS)$)/i.test(name));
  fail(
    `npm ci ended without an error, and ${still.length} packages are not there: ${still.slice(0, 5).join(', ')}`,
    `Look into .npmrc and these variables, which npm reads: ${asked.join(', ') || 'none is set'}; then run the same command again.`,
  );
}

/** Directories of packages that are not there, or hold another version than package-lock.json has. */
function missingNpmPackages() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  return Object.keys(wanted).filter((path) => {
    if (!path.startsWith('node_modules/') || (wanted[path].optional && !installed[path])) return false;
    return identity(wanted[path]) !== identity(installed[path]) || !isInstalled(path, wanted[path]);
  });
}

/** @param {string} path @param {{link?: boolean, version?: string}} entry */
function isInstalled(path, { link, version }) {
  try {
    return link ? existsSync(join(root, path, 'package.json')) : JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).version === version;
  } catch {
    return false;
  }
}

/** @param {string} file */
function readLock(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** What makes an installed package the one of the lock; a workspace package is a link. */
function identity(entry) {
  return entry && (entry.link ? `link:${entry.resolved}` : `${entry.version} ${entry.integrity}`);
}

/** Installs the Debian package of every host tool that is not there. */
function installHostPackages() {
  const tools = hostTools();
  const missing = Object.keys(tools).filter((tool) => !isPresent(tool));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tools[tool]))].sort();
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  say(`not found on this machine: ${missing.join(', ')}`);
  if (!isPresent('apt-get'))
    fail('there is no apt-get to install them', `Install the contents of these Debian packages, then run the same command again: ${packages.join(' ')}`);
  const asRoot = rootPrefix();
  if (!asRoot)
    fail('installing them needs root, and sudo is not usable here', `Run this as root, then the same command again:\n\n    apt-get update && ${install}\n`);
  say(`installing ${packages.length} Debian packages: ${packages.join(' ')}`);
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  // Old package lists name versions that mirrors no longer have. A failed update need not fail the install.
  spawnSync(apt[0], [...apt.slice(1), 'update'], { stdio: 'inherit' });
  execute([...apt, 'install', '-y', '--no-install-recommends', ...packages], `See apt's lines above, or install by hand: ${install}`);
  const still = missing.filter((tool) => !isPresent(tool));
  if (still.length > 0)
    fail(
      `still not found: ${still.map((tool) => `${tool} (Debian package ${tools[tool]})`).join(', ')}`,
      'Check PATH, and the package name in packages/core/tools.json or tools/host-tools.json.',
    );
}

/** The plugins' host tools and the repository's own, with --e2e those of e2e tests too, as `{tool or absolute file: Debian package}`. */
function hostTools() {
  const catalogue = Object.entries(JSON.parse(readFileSync(join(root, 'packages/core/tools.json'), 'utf8')));
  const plugins = catalogue.filter(([, { deb }]) => deb !== undefined).map(([name, { deb, present, path }]) => [present ?? path ?? name, deb]);
  const own = ['host-tools.json', ...(process.argv.includes('--e2e') ? ['host-tools.e2e.json'] : [])].map((name) => join(root, 'tools', name));
  return Object.assign(Object.fromEntries(plugins), ...own.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8'))));
}

/** @param {string} tool a program on PATH or, with a slash, a file */
function isPresent(tool) {
  if (tool.includes('/')) return existsSync(tool);
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What to put before a command that needs root; undefined when nothing helps. sudo may ask for a password only where somebody can answer. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!isPresent('sudo')) return undefined;
  const withoutPassword = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return withoutPassword || process.stdin.isTTY ? ['sudo'] : undefined;
}

/** @param {string[]} argv */
function execute([program, ...args], hint) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`${[program, ...args].join(' ')}: ${error?.message ?? `exit code ${status}`}`, hint);
}

function say(text) {
  console.log(`bootstrap: ${text}`);
}

function fail(message, hint) {
  console.error(`bootstrap: ${message}\n  hint: ${hint}`);
  process.exit(1);
}
