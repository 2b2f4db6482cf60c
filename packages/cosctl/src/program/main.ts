import * as os from 'os';
import * as std from 'std';
import { cosctl } from './cli.ts';
import { CommandError, type System } from './system.ts';

const system: System = {
  read: (path) => {
    // std.loadFile asks for the size first, which is 0 in /proc.
    const file = std.open(path, 'r');
    const text = file?.readAsString();
    file?.close();
    return text;
  },
  list: (path) =>
    os
      .readdir(path)[0]
      .filter((name) => name !== '.' && name !== '..')
      .sort(),
  realPath: (path) => {
    const [real, errno] = os.realpath(path);
    return errno === 0 ? real : undefined;
  },
  write: (path, text) => {
    const file = std.open(path, 'w');
    if (!file) throw new CommandError(`${path} cannot be written`);
    file.puts(text);
    file.close();
  },
  makeDirectory: (path) => void os.mkdir(path, 0o755),
  remove: (path) => void os.remove(path),
  execute: (argv, { noInput = false } = {}) => {
    std.out.flush();
    const nothing = noInput ? os.open('/dev/null', os.O_RDONLY) : -1;
    const code = os.exec(argv, noInput ? { stdin: nothing } : {});
    if (noInput) os.close(nothing);
    // os.exec returns a signal as a negative number.
    return code < 0 ? 128 - code : code;
  },
  print: (text) => {
    std.out.puts(text);
    std.out.flush();
  },
  complain: (text) => std.err.puts(text),
  isTerminal: () => os.isatty(0) && os.isatty(1),
  sleep: (milliseconds) => os.sleep(milliseconds),
  pid: os.getpid(),
};

std.exit(cosctl(scriptArgs.slice(1), system));
