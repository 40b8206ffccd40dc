// One API with the plugins of a folder: node bench/boot-plugins.mjs <folder>
import { startApi } from '@keelson/api';
import { loadRuntime } from '@keelson/core';

const [pluginsFolder] = process.argv.slice(2);
const runtime = await loadRuntime(process.env, { pluginsFolder });
const api = await startApi(runtime, process.env.DATABASE_URL, { host: '127.0.0.1' });
process.on('SIGTERM', () => void api.close().then(() => process.exit(0)));
