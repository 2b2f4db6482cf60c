export { createApp, type AppParts } from './app.ts';
export { loadConfig, type Settings } from './config/config.ts';
export { startServer } from './server.ts';
export type { EntryKey, ListedEntry, Store, StoredEntry } from './stores/store.ts';
