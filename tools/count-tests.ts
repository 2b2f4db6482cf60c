// Prints "N passed, N failed" over the reports of the last run: vitest's JSON and the JUnit of each booted image.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { globbySync } from 'globby';
import { root } from './files.ts';

const counts = [
  ...globbySync('dist/reports/*.json', { cwd: root }).map((file) => countVitest(readFileSync(join(root, file), 'utf8'))),
  ...globbySync('os-images/*', { cwd: root, onlyDirectories: true }).flatMap(junitOf).map((file) => countJUnit(readFileSync(file, 'utf8'))),
];
const sum = (key: 'passed' | 'failed'): number => counts.reduce((total, one) => total + one[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);

/** The verdicts on an image; a failed test leaves its own among the logs only. */
function junitOf(image: string): string[] {
  return ['qemu-test', 'qemu-storage', 'qemu-machines'].flatMap((target) => {
    const files = [join(root, 'dist', image, target, 'junit.xml'), join(root, 'dist/logs', basename(image), target, 'junit.xml')];
    return files.filter((file) => existsSync(file)).slice(0, 1);
  });
}

interface Count {
  passed: number;
  failed: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

function countVitest(json: string): Count {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json) as VitestReport;
  // A file that does not even load has no test to count, and must not pass for that.
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  return { passed: numPassedTests, failed: numFailedTests + broken };
}

function countJUnit(xml: string): Count {
  const cases = xml.split(/<testcase\b/).slice(1);
  const failed = cases.filter((one) => /<(failure|error)\b/.test(one)).length;
  const skipped = cases.filter((one) => /<skipped\b/.test(one)).length;
  return { passed: cases.length - failed - skipped, failed };
}
