import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { root } from '../files.ts';
import { nextSteps } from '../next-steps.ts';

/** Commands of one document that are typed one after the other: a fenced block of `sh`, or a single command within the text; or a file that it shows. */
export interface CommandBlock {
  /** Relative to the workspace. */
  file: string;
  line: number;
  /** The nearest heading above. */
  section: string;
  commands: string[];
  /** The file of a fenced block whose first line is a comment with its path below os-images. */
  shows?: { path: string; text: string };
}

/** Words between backticks that begin with one of these are a command, unless it stands alone and just names the program. */
const COMMAND = /^(?:(?:npx nx|nx run|npm|node|sudo|sed|cp|rm|zstd|unsquashfs|mkfs\.ext4|openssl|qemu-system-x86_64|cosctl|cache-server) .|\.ci\/run$)/;

/** All commands that a reader of the documents, or of the end of `npm run iso`, is told to type, in the order of the text. */
export function documentedCommands(image: string): CommandBlock[] {
  // Decisions tell what was done once, and pages of figures by what they were measured.
  const files = globbySync(['README.md', 'docs/guide.md', 'packages/*/*.md', 'packages/*/docs/*.md'], { cwd: root }).sort();
  const summary = nextSteps(image, `dist/os-images/${image}/${image}.iso`).map(({ command }) => ({
    file: 'tools/next-steps.ts',
    line: 1,
    section: '',
    commands: [command],
  }));
  return [...files.flatMap((file) => commandsOf(readFileSync(join(root, file), 'utf8'), file)), ...summary];
}

/**
 * The commands of a Markdown text.
 *
 * @example
 * commandsOf('# A\n\nSay `npm test`.', 'a.md'); // [{ file: 'a.md', line: 3, section: 'A', commands: ['npm test'] }]
 */
export function commandsOf(text: string, file: string): CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let section = '';
  let fence: string | undefined;
  let fenced: CommandBlock | undefined;
  let shown: CommandBlock['shows'];
  for (const [index, content] of text.split('\n').entries()) {
    const mark = /^\s*```(.*)$/.exec(content)?.[1];
    if (mark !== undefined) {
      if (fence !== undefined) {
        if (fenced && fenced.commands.length > 0) blocks.push(fenced);
        if (shown) blocks.push({ file, line: index + 1, section, commands: [], shows: shown });
        fence = fenced = shown = undefined;
      } else {
        fence = mark;
        if (/^(?:sh|bash|shell|console)$/.test(mark)) fenced = { file, line: index + 2, section, commands: [] };
      }
    } else if (fence !== undefined) {
      const command = content.replace(/(?:^|\s+)# .*$/, '').trim();
      if (fenced && command !== '') fenced.commands.push(command);
      const path = /^# (os-images\/[\w./-]+)(?:: .*)?$/.exec(content)?.[1];
      if (shown) shown.text += `${content}\n`;
      else if (path !== undefined && !fenced) shown = { path, text: '' };
    } else {
      section = /^#+ (.*)$/.exec(content)?.[1] ?? section;
      for (const [, span = ''] of content.matchAll(/`([^`]+)`/g)) if (COMMAND.test(span)) blocks.push({ file, line: index + 1, section, commands: [span] });
    }
  }
  return blocks;
}
