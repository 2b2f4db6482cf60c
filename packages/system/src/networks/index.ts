/**
 * Networks as pure functions, which must not need Node: the program of the OS that makes networks at run time has no Node.
 */
export { composeNetworks, listName, type ComposeNetwork, type NetworkFile, type Networks } from './compose.ts';
export type { Endpoint, Endpoints } from './endpoints.ts';
export type { Fault } from './fault.ts';
export { firewallRules } from './firewall.ts';
