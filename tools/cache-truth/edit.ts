import type { Box } from './box.ts';
import type { Random } from './random.ts';

/** What was edited, and what is known of it beside the paths that the box has noted. */
export interface Edit {
  what: string;
  /** Targets to build whatever Nx says. */
  suspects: string[];
  /** Targets of which an option or a whole directory that they name was edited. */
  named?: string[];
  /** Programs that commands would now find in place of others. */
  programs?: string[];
  npm?: string[];
}

/** Makes one random edit. */
export type Kind = (box: Box, random: Random) => Edit;
