import { BuildError, type BuildContext } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The failure of a service's image, with the line that names the image. The file is read for the message alone: no artifact depends on it. */
export async function withPlace(error: unknown, service: string, reference: string, { imageRoot, workspaceRoot }: BuildContext): Promise<unknown> {
  if (!(error instanceof BuildError)) return error;
  const { code, message, hint, logFile } = error;
  const details = { cause: error, ...(hint === undefined ? {} : { hint }), ...(logFile === undefined ? {} : { logFile }) };
  return new BuildError(code, `${await placeOf(reference, imageRoot, workspaceRoot)}services.${service}: ${message}`, details);
}

async function placeOf(reference: string, imageRoot: string, workspaceRoot: string): Promise<string> {
  for (const file of FILES.map((name) => join(imageRoot, name))) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const line = lines.findIndex((text) => text.includes(reference));
    if (line >= 0) return `${relative(workspaceRoot, file)}:${line + 1}:${(lines[line] ?? '').indexOf(reference) + 1}: `;
  }
  return '';
}
