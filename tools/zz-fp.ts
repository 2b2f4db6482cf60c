import { startRegistry } from './foreign/registry.ts';
import { publishAll } from './foreign/publish.ts';
import { writeFileSync } from 'node:fs';
const r = await startRegistry('/tmp/fp/registry');
await publishAll(r.url, r.env);
writeFileSync('/tmp/fp/env', Object.entries(r.env).map(([k,v]) => `export ${k}=${v}`).join('\n'));
setInterval(()=>{}, 1000);
