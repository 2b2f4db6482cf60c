// npm run bootstrap [-- --e2e]: brings a machine to where everything here builds, or with --e2e is tested to its ends, and says
// what it installs before it does. Plain JavaScript without imports from npm: it runs before node_modules exists.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipeTools, testTools } from './host-tools.mjs';

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
 * counts as none, and by what is on the disk: each package's own package.json, the programs for this platform, the links to packages and
 * to their commands. The environment and npm's configuration do not decide what is installed.
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
    '--location=user',
    '--bin-links=true',
    '--install-strategy=hoisted',
    `--os=${process.platform}`,
    `--cpu=${process.arch}`,
  ];
  execute(['npm', 'ci', '--no-audit', '--no-fund', ...all], "See npm's lines above.", npmEnvironment());
  const still = missingNpmPackages();
  if (still.length === 0) return;
  fail(
    `npm ci ended without an error, and ${still.length} packages are not there: ${still.slice(0, 5).join(', ')}`,
    'Look for what keeps npm from installing them: "npm config ls" shows its configuration and the .npmrc files that it comes from.',
  );
}

/** The environment without what chooses packages; where they come from (registry, proxy, cache) stays. */
function npmEnvironment() {
  const chooses = /^(npm_config_(workspaces?|include_workspace_root|omit|include|only|also|production|dev|optional)|NODE_ENV)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !chooses.test(name)));
}

/** Directories of packages that are not there, or hold something else than package-lock.json has. */
function missingNpmPackages() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  return Object.keys(wanted).filter((path) => {
    if (!path.startsWith('node_modules/') || (wanted[path].optional && !installed[path] && !isForHere(wanted[path]))) return false;
    return identity(wanted[path]) !== identity(installed[path]) || !isInstalled(path, wanted[path]);
  });
}

/** True for an optional package with the program of another one for this platform: without it, that one fails when it is used. */
function isForHere({ os, cpu, libc = [], engines = {} }) {
  if (!os || !cpu) return false;
  return os.includes(process.platform) && cpu.includes(process.arch) && (libc.length === 0 || libc.includes(hostLibc())) && admitsNode(engines.node);
}

/** The C library of this Node, as npm tells it. */
function hostLibc() {
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** True where `range`, such as `^22.20 || >=25`, has this Node. */
function admitsNode(range = '*') {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  return range.split('||').some((part) => {
    const [, operator, major, minor = '0'] = /^\s*(\^|>=)?\s*(\d+)(?:\.(\d+))?/.exec(part) ?? [];
    if (major === undefined) return true;
    const isSame = haveMajor === Number(major);
    return (isSame && haveMinor >= Number(minor)) || (operator === '>=' && haveMajor > Number(major));
  });
}

/** @param {string} path @param {{link?: boolean, resolved?: string, version?: string, bin?: Record<string, string>}} entry */
function isInstalled(path, { link, resolved = '', version, bin = {} }) {
  try {
    // A clone's node_modules can lead to the packages of another clone.
    if (link) return realpathSync(join(root, path, 'package.json')) === realpathSync(join(root, resolved, 'package.json'));
    const commands = path.lastIndexOf('node_modules/') === 0 ? Object.keys(bin) : [];
    return (
      JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).version === version &&
      commands.every((name) => existsSync(join(root, 'node_modules/.bin', name)))
    );
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
      'Check PATH, and the package name in packages/core/tools.json, in "ownTools" of a recipe.json, or in tools/host-tools.json.',
    );
}

/** The tools of all recipes and those of tests, with --e2e of e2e tests too, as `{tool or absolute file: Debian package}`. */
function hostTools() {
  const all = [...Object.entries(recipeTools(root)), ...Object.entries(testTools(root, { e2e: process.argv.includes('--e2e') }))];
  return Object.fromEntries(all.filter(([, { deb }]) => deb !== undefined).map(([name, { deb, present, path }]) => [present ?? path ?? name, deb]));
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
function execute([program, ...args], hint, env = process.env) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) fail(`${[program, ...args].join(' ')}: ${error?.message ?? `exit code ${status}`}`, hint);
}

function say(text) {
  console.log(`bootstrap: ${text}`);
}

function fail(message, hint) {
  console.error(`bootstrap: ${message}\n  hint: ${hint}`);
  process.exit(1);
}
