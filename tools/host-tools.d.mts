/** A tool as tools.json, a recipe or host-tools.json states it. */
export interface HostTool {
  deb?: string;
  present?: string;
  path?: string;
}
export function recipeTools(root: string): Record<string, HostTool>;
export function testTools(root: string, options: { e2e: boolean }): Record<string, HostTool>;
