import type { CreateDependencies, CreateNodes } from '@nx/devkit';
import type { PluginOptions } from './src/infer/infer.ts';

export declare const name: string;
export declare const createNodes: CreateNodes<PluginOptions>;
export declare const createNodesV2: CreateNodes<PluginOptions>;
export declare const createDependencies: CreateDependencies<PluginOptions>;
