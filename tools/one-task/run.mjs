// Runs one task the way Nx's own run-executor does, of a context that was computed before, so that what this process
// reads between the two marks is what the executor reads. The current directory is the workspace.
//   node tools/one-task/run.mjs <context.json>
import { accessSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const workspace = process.cwd();
const { task, context } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const require = createRequire(`${workspace}/package.json`);
const { runExecutor } = require('@nx/devkit');
mark('begin');
let success = false;
try {
  for await (const result of await runExecutor(task.target, {}, { ...context, root: workspace, cwd: workspace, isVerbose: false })) success = result.success;
} catch (error) {
  writeSync(2, `${error.stack}\n`);
}
mark('end');
process.exit(success ? 0 : 1);

/** Shows in a trace as an access to a path that is not there. */
function mark(name) {
  try {
    accessSync(`/one-task/${name}`);
  } catch {
    // Never there.
  }
}
