/** What is wrong at a place of a Compose file. */
export interface Fault {
  /** Keys and indices that lead there. */
  path: readonly (string | number)[];
  message: string;
  hint: string;
}

export function fault(path: Fault['path'], message: string, hint: string): Fault {
  return { path, message, hint };
}
