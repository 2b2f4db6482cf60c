import * as os from 'os';
import * as std from 'std';
import { cosctl } from './cli.ts';
import type { System } from './system.ts';

const system: System = {
  read: (path) => {
    // std.loadFile asks for the size first, which is 0 in /proc.
    const file = std.open(path, 'r');
    const text = file?.readAsString();
    file?.close();
    return text;
  },
  list: (path) => os.readdir(path)[0].filter((name) => name !== '.' && name !== '..').sort(),
  remove: (path) => void os.remove(path),
  execute: (argv) => {
    std.out.flush();
    const code = os.exec(argv);
    // A signal is told as its negative number.
    return code < 0 ? 128 - code : code;
  },
  print: (text) => {
    std.out.puts(text);
    std.out.flush();
  },
  complain: (text) => std.err.puts(text),
  isTerminal: () => os.isatty(0) && os.isatty(1),
  sleep: (milliseconds) => os.sleep(milliseconds),
};

std.exit(cosctl(scriptArgs.slice(1), system));
