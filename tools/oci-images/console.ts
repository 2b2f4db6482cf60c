import { setTimeout } from 'node:timers/promises';
import { eventually, type Guest } from './guest.ts';

/** Waits until the shell of the console reads commands, and no container is about to start. */
export async function atPrompt(guest: Guest): Promise<void> {
  // What is typed before is lost.
  await until(() => guest.said().includes('~ # '), 'no prompt');
  await shell(guest, 'while grep -qx starting /run/container-os/containers/*/status; do sleep 1; done');
}

let asked = 0;

/** What a command on the console of the OS prints. */
export async function shell(guest: Guest, command: string): Promise<string> {
  asked++;
  // The echo of what is typed has the marks in two parts.
  guest.type(`{ ${command}; } >/tmp/said 2>&1; printf '<%s>\\n' ${asked}; cat /tmp/said; printf '</%s>\\n' ${asked}`);
  const answer = new RegExp(`<${asked}>\\r?\\n([^]*?)</${asked}>`);
  await until(() => answer.test(guest.said()), `no answer to ${command}`);
  await setTimeout(100);
  return (answer.exec(guest.said())?.[1] ?? '').replaceAll('\r', '').trim();
}

function until(look: () => boolean, otherwise: string): Promise<void> {
  return eventually(() => (look() ? Promise.resolve() : Promise.reject(new Error(otherwise))));
}
