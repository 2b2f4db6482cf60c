export { chooseAccelerator, type Choice } from './accelerator.ts';
export { bootCost, readReport, type BootCost, type Milestones, type Reader } from './boot-cost.ts';
export { bootElsewhere } from './machines/elsewhere.ts';
export { DIRECT_CMDLINE, qemuArgv, type Accelerator, type Boot, type Machine } from './machine.ts';
export { assertAll, type Assertion, type Expectations } from './smoke/assertions.ts';
export { classify, type Failure, type Outcome } from './smoke/classify.ts';
export { memoryShares, readGuestReport, type GuestReport } from './smoke/guest-report.ts';
export type { RunOptions } from './run/schema.d.ts';
export type { SmokeOptions } from './smoke/schema.d.ts';
