// Prints "N passed, N failed" over the reports of the last run: vitest's JSON and the JUnit of each booted image.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { root } from './files.ts';

const counts = [
  ...globbySync('dist/reports/*.json', { cwd: root }).map((file) => countVitest(readFileSync(join(root, file), 'utf8'))),
  ...verdicts().map((file) => countJUnit(readFileSync(join(root, file), 'utf8'))),
];
const sum = (key: 'passed' | 'failed'): number => counts.reduce((total, one) => total + one[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);

/** The `junit.xml` of each target that boots an image; one that failed leaves its own among the logs only. */
function verdicts(): string[] {
  const logs = globbySync('dist/logs/*/*/junit.xml', { cwd: root });
  const artifacts = globbySync('dist/os-images/*/*/junit.xml', { cwd: root });
  return [...artifacts, ...logs.filter((file) => !artifacts.includes(file.replace('dist/logs/', 'dist/os-images/')))];
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
