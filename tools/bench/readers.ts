import type { Milestones, Reader } from '@container-os/qemu';

/** Reads `init at TSC N` and `container at TSC N` on the console, as tsc.c and empty-init.c print them. */
export const readMarks: Reader = ({ console: text }) => {
  const [init, container] = ['init', 'container'].map((name) => new RegExp(`^${name} at TSC (\\d+)`, 'm').exec(text)?.[1]);
  if (!init || !container) return undefined;
  return { ...allAt(Number(container)), init: Number(init) / 1e9 };
};

/** Reads what entry-mark.S prints, wherever in a line; it counts as each of the milestones. */
export const readEntryMark: Reader = ({ console: text }) => {
  const letters = /mark ([A-P]{16})/.exec(text)?.[1];
  return letters === undefined ? undefined : allAt([...letters].reduce((sum, letter) => sum * 16 + letter.charCodeAt(0) - 65, 0));
};

function allAt(counter: number): Milestones {
  const at = counter / 1e9;
  return { init: at, firstContainer: at, networked: at, allContainers: at };
}
