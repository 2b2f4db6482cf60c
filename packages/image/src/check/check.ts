import { ComposeError, formatPath, limitations, load, type Loaded, type Path, type Place } from '@container-os/compose-file';
import { BuildError } from '@container-os/core/errors';
import { dirname, relative, resolve } from 'node:path';
import { readImage, secretsInOptions } from '../infer/definition.ts';
import { referenceFault } from '../infer/reference.ts';
import { faultsOf } from './definition-faults.ts';
import { Assumed } from './assumed.ts';

/** What is wrong at a place of a file. */
export interface Problem {
  /** `services.web.ports[0]`; empty where the fault has no key. */
  key: string;
  line: number;
  column: number;
  reason: string;
  hint: string;
  /** Where the fault is in a file that the checked one reads: an override, or an included one. Relative to the directory of the checked file. */
  file?: string;
}

/** A key that does nothing here, or that weakens what the OS promises. */
export type Remark = Pick<Problem, 'key' | 'line' | 'reason' | 'file'>;

/** What an image would do with a Compose file. */
export interface Verdict {
  result: 'translated' | 'refused';
  problems: Problem[];
  /** What a build needs besides the file, such as the image of a service. */
  incomplete: string[];
  withoutEffect: Remark[];
  optOuts: Remark[];
}

/** More than a file has; each is found by asking again without the key of the one before. */
const PROBLEMS_MAX = 30;
/** More than any file leaves to others. */
const ASSUMPTIONS_MAX = 1000;
const UNKNOWN_KEY = 'COMPOSE_UNKNOWN_KEY';
/** Inference says it in one error. `limitations` has the parts. */
const ALREADY_TOLD = 'COMPOSE_KEY_UNSUPPORTED';

/**
 * What an image would do with a Compose file that may know nothing of it: the reader, the table of keys, the inference and the definition of a
 * container are those of a build. What the file leaves to others, an image or the value of a variable, is assumed, and named.
 *
 * @param file absolute
 * @param read the text of a file, undefined when there is none
 * @example
 * check('/home/me/app/compose.yaml', '/home/me/app', read).problems; // [{ key: 'services.web.gpus', line: 7, … }]
 */
export function check(file: string, workspaceRoot: string, read: (path: string) => string | undefined): Verdict {
  const assumed = new Assumed(file, read);
  const verdict: Verdict = { result: 'translated', problems: [], incomplete: [], withoutEffect: [], optOuts: [] };
  const loaded = loadAssuming(assumed, workspaceRoot, verdict);
  if (loaded) judge(loaded, assumed, workspaceRoot, verdict);
  if (verdict.problems.length > 0) verdict.result = 'refused';
  verdict.incomplete = [...new Set([...assumed.incomplete, ...verdict.incomplete])].sort();
  return verdict;
}

/** Loads the file; what is missing is assumed, one thing after the other. */
function loadAssuming(assumed: Assumed, root: string, verdict: Verdict): Loaded | undefined {
  for (let left = ASSUMPTIONS_MAX; ; left--) {
    try {
      const loaded = load({ files: assumed, root, paths: [assumed.main], environment: assumed.environment() });
      for (const { message } of loaded.warnings) {
        const name = /^(\w+): the variable is not set/.exec(message)?.[1];
        if (name) verdict.incomplete.push(`needs a value for ${name}`);
      }
      return loaded;
    } catch (error) {
      if (!(error instanceof ComposeError)) throw error;
      if (left > 0 && assumed.mend(error)) continue;
      verdict.problems.push(problemOf(error, root, assumed));
      if (error.code === UNKNOWN_KEY && verdict.problems.length < PROBLEMS_MAX && assumed.pass(error.place)) continue;
      return undefined;
    }
  }
}

function judge(loaded: Loaded, assumed: Assumed, root: string, verdict: Verdict): void {
  for (const { path, place, status } of limitations(loaded.tree, new Set(['services.*.build']))) {
    const remark = { key: formatPath(path), line: place.line, reason: status.reason, ...otherFile(place.file, assumed) };
    if (status.class === 'without effect') verdict.withoutEffect.push(remark);
    else if (status.class === 'opt-out') verdict.optOuts.push(remark);
    else {
      verdict.problems.push({ ...remark, column: place.column, hint: status.instead });
      assumed.reset(path);
    }
  }
  for (const [name, { build, extensions }] of loaded.model.services)
    if (build && !extensions?.has('x-os')) {
      assumed.set(['services', name, 'x-os'], { image: 'assumed' });
      verdict.incomplete.push(`needs to know how ${name} is built: x-os`);
    }
  for (const [name, { image }] of loaded.model.services) {
    const path = ['services', name, 'image'];
    const fault = image === undefined || assumed.dependsOnValue(loaded.placeOf(path).line) ? undefined : referenceFault(image);
    if (!fault) continue;
    verdict.problems.push(problemAt(loaded.placeOf(path), path, fault.message, fault.hint ?? '', assumed));
  }
  for (const { environment = new Map<string, { value?: string }>() } of loaded.model.services.values())
    for (const [name, { value }] of environment) if (value === undefined) verdict.incomplete.push(`needs a value for ${name}`);
  // It is about a value, which only a build has.
  for (const { path, names } of secretsInOptions(loaded))
    verdict.incomplete.push(`needs ${names.join(', ')} of ${path.join('.')} to be in "environment", where nobody sees it`);
  assumed.beImage();
  while (verdict.problems.length < PROBLEMS_MAX) {
    try {
      const image = readImage(assumed.main, root, assumed, assumed.environment());
      for (const [name, { container }] of Object.entries(image?.services ?? {}))
        for (const { path, expected, hint } of faultsOf(container)) {
          const at = ['services', name, ...path];
          const place = loaded.placeOf(at);
          if (!assumed.dependsOnValue(place.line)) verdict.problems.push(problemAt(place, at, `expected ${expected}`, hint, assumed));
        }
      return;
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const problems = error instanceof ComposeError ? [problemOf(error, root, assumed)] : linesOf(error).map((one) => problemOf(one, root, assumed));
      if (error.code !== ALREADY_TOLD) verdict.problems.push(...problems.filter(({ line }) => !assumed.dependsOnValue(line)));
      if (problems.filter(({ key }) => assumed.reset(pathOf(key, loaded))).length === 0) return;
    }
  }
}

function problemAt({ file, line, column }: Place, path: Path, reason: string, hint: string, assumed: Assumed): Problem {
  return { key: formatPath(path), line, column, reason, hint, ...otherFile(file, assumed) };
}

/** What the user has not named, a report names. */
function otherFile(file: string, { main }: Assumed): { file?: string } {
  return file === main ? {} : { file: relative(dirname(main), file) };
}

/** An error may name several faults, each with its place, in a line of its own. */
function linesOf({ code, message, hint }: BuildError): BuildError[] {
  const lines = message.split('\n');
  const said = lines.every((line) => /^[^\n]*?:\d+:\d+: /.test(line)) ? lines : [message];
  return said.map((line) => new BuildError(code, line, hint === undefined ? {} : { hint }));
}

/** From the message, which begins with the place and the key: `shop/compose.yaml:7:5: services.web.ports: expected …`. */
function problemOf({ message, hint = '' }: BuildError, root: string, assumed: Assumed): Problem {
  const [, file, line = '0', column = '0', told = ''] = /^([^\n]*?):(\d+):(\d+): ([^]*)$/.exec(message) ?? [undefined, undefined, '0', '0', message];
  const [, key = '', reason = ''] = /^([\w.[\]-]+)(?::| cannot) ([^]*)$/.exec(told) ?? [undefined, '', told];
  return {
    key,
    line: Number(line),
    column: Number(column),
    reason: reason.replaceAll(dirname(assumed.main), '.'),
    hint,
    ...(file === undefined ? {} : otherFile(resolve(root, file), assumed)),
  };
}

/** `services.web.ports[0]` is services, web, ports; a service's name may have dots. */
function pathOf(key: string, { model }: Loaded): string[] {
  const service = [...model.services.keys()].sort((a, b) => b.length - a.length).find((name) => key.startsWith(`services.${name}.`));
  const [top = '', name = '', inner = ''] = service === undefined ? key.split('.') : ['services', service, key.slice(`services.${service}.`.length)];
  const of = inner.split(/[.[:]/)[0] ?? '';
  return top === '' || name === '' ? [] : of === '' ? [top, name] : [top, name, of];
}
