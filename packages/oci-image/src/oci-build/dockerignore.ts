import { minimatch } from 'minimatch';

/**
 * Whether a path of a build context is left out by the text of its .dockerignore: the last pattern that matches the path or a directory above it decides.
 *
 * @example
 * const isIgnored = dockerignore('node_modules\n*.log\n!keep.log\n');
 * isIgnored('node_modules/x/index.js'); // true
 */
export function dockerignore(text: string): (path: string) => boolean {
  const patterns = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: clean(line.replace(/^!/, '')) }))
    .filter(({ pattern }) => pattern !== '');
  const matches = (path: string, pattern: string): boolean =>
    minimatch(path, pattern, { dot: true, nobrace: true, noext: true, nonegate: true, nocomment: true });
  return (path) => {
    const parts = path.split('/');
    const above = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
    return patterns.reduce((ignored, { keeps, pattern }) => (keeps === ignored && above.some((one) => matches(one, pattern)) ? !keeps : ignored), false);
  };
}

/** As Go's filepath.Clean does, without a slash before or after. */
function clean(pattern: string): string {
  const parts = pattern
    .trim()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}
