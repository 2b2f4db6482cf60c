import { formatError } from '@container-os/core';
import { describe, expect, it } from 'vitest';
import { silenceLimit } from '../src/guest/probe.ts';
import { judge, toError, toJUnit } from '../src/verdict/results.ts';
import { heading, resultRow } from '../src/verdict/table.ts';
import { outcome } from './reports.ts';

const EXPECT = { processes: ['httpd'], reach: ['demo -> peer'] };
const GOOD = judge('direct', { processes: ['httpd'] }, outcome(), 1);
const ASSERTION = judge('iso-bios', EXPECT, outcome(), 1);
const PANIC = judge('iso-uefi', EXPECT, outcome({ end: 'panic', report: '', console: `${'a line\n'.repeat(50)}Kernel panic - not syncing: no <root>\n` }), 1);

it('shows each boot in one line, aligned', () => {
  expect(`\n${[heading(8), ...[GOOD, ASSERTION, PANIC].map((one) => resultRow(one, 8))].join('\n')}\n`).toMatchInlineSnapshot(`
    "
      boot      verdict                init  container        memory used wall clock
    ✔ direct    2 of 2 checks        1.63 s     4.39 s    62.6 of 236 MiB      7.3 s
    ✖ iso-bios  2 of 3 checks        1.63 s     4.39 s    62.6 of 236 MiB      7.3 s
    ✖ iso-uefi  KERNEL_PANIC                                                   7.3 s
    "
  `);
});

describe('the error of a test', () => {
  it('has the first failure, names the others, and ends with the last 40 lines of the console', () => {
    const error = toError([GOOD, PANIC, ASSERTION], (boot) => `/logs/${boot}.console.log`);
    const lines = formatError(error).split('\n');
    expect(lines.slice(0, 3)).toEqual(['KERNEL_PANIC: iso-uefi: no <root>', '(also iso-bios: ASSERTION_FAILED)', '  | a line']);
    expect(lines.filter((line) => line.startsWith('  | '))).toHaveLength(40);
    expect(lines.at(-3)).toBe('  | Kernel panic - not syncing: no <root>');
    expect(lines.at(-1)).toBe('  log:   /logs/iso-uefi.console.log');
  });

  it('names what does not hold, and what was found', () => {
    expect(toError([ASSERTION], String)?.message).toContain('iso-bios: expected that demo reaches peer; found: it did not');
  });

  it('is undefined if all boots passed', () => {
    expect(toError([GOOD], String)).toBeUndefined();
  });
});

it('has a JUnit suite for each boot and a case for each expectation', () => {
  expect(toJUnit('demo-os', [GOOD, ASSERTION, PANIC])).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites tests="8" failures="2" errors="0" skipped="0">
      <testsuite name="demo-os direct" time="7.3" tests="3" failures="0" errors="0" skipped="0">
        <testcase classname="demo-os.direct" name="boots, reports and powers off" time="7.3"/>
        <testcase classname="demo-os.direct" name="every line of the report is an event"/>
        <testcase classname="demo-os.direct" name="process httpd runs"/>
      </testsuite>
      <testsuite name="demo-os iso-bios" time="7.3" tests="4" failures="1" errors="0" skipped="0">
        <testcase classname="demo-os.iso-bios" name="boots, reports and powers off" time="7.3"/>
        <testcase classname="demo-os.iso-bios" name="every line of the report is an event"/>
        <testcase classname="demo-os.iso-bios" name="process httpd runs"/>
        <testcase classname="demo-os.iso-bios" name="demo reaches peer">
          <failure message="found: it did not" type="ASSERTION_FAILED"/>
        </testcase>
      </testsuite>
      <testsuite name="demo-os iso-uefi" time="7.3" tests="1" failures="1" errors="0" skipped="0">
        <testcase classname="demo-os.iso-uefi" name="boots, reports and powers off" time="7.3">
          <failure message="no &lt;root>" type="KERNEL_PANIC"/>
        </testcase>
      </testsuite>
    </testsuites>"
  `);
});

it('gives a boot 60 times the probe without a report, between 60 s and 15 minutes', () => {
  expect([0.2, 1, 2.5, 100, undefined].map(silenceLimit)).toEqual([60, 60, 150, 900, 60]);
});
