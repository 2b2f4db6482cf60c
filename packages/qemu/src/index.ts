export { chooseAccelerator } from './accelerator.ts';
export { bootCost, readReport, type BootCost, type Milestones, type Reader } from './boot-cost.ts';
export { DIRECT_CMDLINE, type Accelerator, type Boot } from './machine.ts';
export type { Assertion } from './smoke/assertions.ts';
export type { Failure } from './smoke/classify.ts';
export { memoryShares, readGuestReport } from './smoke/guest-report.ts';
