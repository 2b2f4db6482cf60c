#!/usr/bin/env node
import { main } from './cli.ts';
import { formatError } from './errors.ts';

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(`${formatError(error)}\n`);
  process.exitCode = 1;
}
