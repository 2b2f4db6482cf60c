import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT, type Answer, type Case } from './case.ts';

/** The reference as `reference.sh` fetched it. */
export interface Reference {
  readonly version: string;
  /** The official JSON schema of the specification. */
  readonly schema: unknown;
  ask(one: Case): Promise<Answer>;
}

/** Fetches the reference where it is not there yet. */
export function openReference(): Reference {
  const home = execFileSync(join(import.meta.dirname, 'reference.sh'), ['install'], { encoding: 'utf8' }).trim();
  return {
    version: readFileSync(join(home, 'version'), 'utf8').trim(),
    schema: JSON.parse(readFileSync(join(home, 'compose-spec.json'), 'utf8')),
    ask: (one) => ask(join(home, 'docker-compose'), one),
  };
}

/** An answer names no path but those below {@link PROJECT}. The reference sees no variable but those of the case. */
async function ask(program: string, { files, use = [], profiles = [], environment = {} }: Case): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'compose-'));
  const project = join(directory, PROJECT);
  try {
    for (const [path, text] of Object.entries({ [join(PROJECT, '.keep')]: '', ...files })) {
      const file = path.startsWith('/') ? join(directory, path) : join(project, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const args = [...use.flatMap((file) => ['-f', file]), ...profiles.flatMap((profile) => ['--profile', profile]), 'config', '--format', 'json'];
    const { stdout, stderr, failed } = await run(program, args, project, environment);
    const plain = (text: string): string => text.replaceAll(directory, '');
    if (!failed) return { config: JSON.parse(plain(stdout)) as unknown };
    // Warnings before it, the stack of a panic after it.
    const message = plain(stderr)
      .replace(/^time=.*\n/gm, '')
      .replace(/\n\ngoroutine [\s\S]*/, '');
    return { refused: message.trim() || 'no answer' };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A reference that hangs is ended: see the alias bomb. */
function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string; failed: boolean }> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, failed: error !== null }),
    );
  });
}
