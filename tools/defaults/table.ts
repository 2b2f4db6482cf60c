import { maker, mib, when } from './made.ts';
import { rowsOf } from './rows.ts';

/**
 * The Markdown table of what a container is where its definition says nothing: under Docker, here, and hardened.
 *
 * @param cgroups the script of the OS that limits all containers together
 * @throws Error for a row whose words no longer hold
 */
export function defaultsTable(cgroups: string): string {
  const [, kibibytes = ''] = / left = \$2 - (\d+);/.exec(cgroups) ?? [];
  const left = { memory: mib(Number(kibibytes) * 1024), threads: when(cgroups.includes('threads * 3 / 4'), 'a quarter of the threads') };
  const rows = rowsOf(left).map(({ name, docker, ours }) => {
    const [here, hardened] = [maker('docker'), maker('hardened')].map((make) => cell(name, () => ours(make)));
    return [name, docker, here === docker ? 'the same' : here, hardened === here ? 'as ours' : hardened];
  });
  return `${[['', 'Docker', 'here', 'hardened'], ['---', '---', '---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function cell(row: string, text: () => string): string {
  try {
    return text();
  } catch (cause) {
    throw new Error(`the table of defaults, row ${row}: ${(cause as Error).message}`, { cause });
  }
}
