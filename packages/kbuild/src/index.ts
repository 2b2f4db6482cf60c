export { configure, type ConfigureOptions } from './configure.ts';
export { make } from './make.ts';
export { prepareDistcc } from './distcc.ts';
