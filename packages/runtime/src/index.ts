export { networkEntries, parseNetworkList, type NetworkList } from './network.ts';
export { planRuntime, type RuntimePlan } from './plan.ts';
export type { RuntimeOptions } from './schema.d.ts';
