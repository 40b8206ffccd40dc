import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { fail } from './fail.js';

/** Roles are forked from this file, whatever it was called as. */
const program = fileURLToPath(import.meta.url);

const keelson = new Command('keelson')
  .description('Hosting automation: the customer pays, the hosting exists.')
  .showHelpAfterError();

keelson
  .command('start')
  .description('start database, API, worker and (without a keelson.config.yaml) the sandbox, in one process tree')
  .action(async () => (await import('./commands/start.command.js')).start(program));
keelson
  .command('api')
  .description('run the HTTP API')
  .action(async () => (await import('./commands/api.command.js')).api());
keelson
  .command('worker')
  .description('run a worker: queue processors and schedules')
  .action(async () => (await import('./commands/worker.command.js')).worker());
keelson
  .command('sandbox')
  .description('run the vendor simulators and the sample store')
  .argument('[plugin...]', 'whose vendors are played; all, unless some are named')
  .action(async (plugins: string[]) => (await import('./commands/sandbox.command.js')).sandbox(plugins));
keelson
  .command('migrate')
  .description('bring the tables to this version')
  .action(async () => (await import('./commands/migrate.command.js')).migrateTables());
keelson
  .command('seed')
  .description('fill the catalogue with the first products; what is there stays as it is')
  .action(async () => (await import('./commands/seed.command.js')).seed());
keelson
  .command('setup')
  .description(
    'migrate, seed the catalogue, store what keelson.config.yaml says, make the first administrator; safe to repeat',
  )
  .action(async () => (await import('./commands/setup.command.js')).setup());
keelson
  .command('doctor')
  .description('check settings, database, queue, plugins and connections')
  .action(async () => (await import('./commands/doctor.command.js')).doctor());
keelson
  .command('rewrap')
  .description('move every stored secret under the current ENCRYPTION_KEY; safe to repeat')
  .action(async () => (await import('./commands/rewrap.command.js')).rewrap());
keelson
  .command('schema')
  .description('print the JSON Schema of keelson.config.yaml with the enabled plugins')
  .action(async () => (await import('./commands/schema.command.js')).schema());
keelson
  .command('demo')
  .description('start a throw-away installation, buy a plan, and check the result at the vendors')
  .option('--json', 'print one JSON object')
  .action(async (options: { json?: boolean }) => (await import('./commands/demo.command.js')).demo(program, options));

keelson
  .command('tasks')
  .description('provisioning jobs')
  .command('watch')
  .description('print what happens to jobs as it happens; of one job, until it is over')
  .argument('[job]', 'id of the job, such as job_…; all jobs, unless one is named')
  .action(async (job?: string) => (await import('./commands/tasks-watch.command.js')).watchTasks(job));

const plugin = keelson.command('plugin').description('write a plugin for another vendor (docs/plugins.md)');
plugin
  .command('new')
  .description('generate a plugin that compiles, boots, and fails conformance with the list of what to write')
  .argument('<vendor>', 'id of the plugin, kebab-case')
  .requiredOption('--port <port...>', 'port that it speaks; may be given several times')
  .option('--dir <folder>', 'make it a package of its own in this folder, instead of plugins/<vendor>')
  .action(async (vendor: string, options: { port: string[]; dir?: string }) =>
    (await import('./commands/plugin-new.command.js')).newPlugin(vendor, options),
  );
plugin
  .command('check')
  .description('say what is wrong with a plugin, one line a problem')
  .argument('<folder>', 'folder of the plugin, built')
  .action(async (folder: string) => (await import('./commands/plugin-check.command.js')).pluginCheck(folder));

await keelson.parseAsync().catch(fail);
