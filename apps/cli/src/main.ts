import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { AdoptOptions } from './commands/adopt.command.js';
import type { ApplyOptions, ListOptions, ObserveCommandOptions, PlanOptions } from './commands/drift.command.js';
import type { NewPluginOptions } from './commands/plugin-new.command.js';
import { fail } from './fail.js';

/** Roles are forked from this file, whatever it was called as. */
const program = fileURLToPath(import.meta.url);

const keelson = new Command('keelson')
  .description('Hosting automation: the customer pays, the hosting exists.')
  // What stands after a command is the command's own.
  .enablePositionalOptions()
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

const drift = keelson
  .command('drift')
  .description('what vendors hold and we do not believe, or the other way round')
  .enablePositionalOptions()
  .option('--connection <name>', 'only this connection')
  .option('--kind <kind>', 'only this kind, such as zone.records')
  .option('--all', 'also what is ignored, planned or resolved')
  .option('--json', 'print one JSON object')
  .action(async (options: ListOptions) => (await import('./commands/drift.command.js')).listDrift(options));
drift
  .command('observe')
  .description('look at vendors now')
  .option('--connection <name>', 'only this connection')
  .option('--area <area...>', 'only these: accounts, zones, certificates, mailboxes, domains')
  .option('--accept-shrunk', 'believe a list that is empty or has shrunk: things really are gone')
  .option('--json', 'print one JSON object')
  .action(async (options: ObserveCommandOptions) => (await import('./commands/drift.command.js')).observe(options));
drift
  .command('plan')
  .description('print what would be repaired now')
  .option('--connection <name>', 'only this connection')
  .option('--only <id...>', 'exactly these findings, whatever the policy says')
  .option('--json', 'print one JSON object')
  .action(async (options: PlanOptions) => (await import('./commands/drift.command.js')).planDrift(options));
drift
  .command('apply')
  .description('have the plan done; the workers do it')
  .option('--connection <name>', 'only this connection')
  .option('--only <id...>', 'exactly these findings, whatever the policy says')
  .option('--fingerprint <text>', 'of the plan that was shown: nothing is done when it has changed')
  .option('--json', 'print one JSON object')
  .action(async (options: ApplyOptions) => (await import('./commands/drift.command.js')).applyDrift(options));
drift
  .command('ignore')
  .description('leave a difference as it is, until it changes or disappears')
  .argument('<id>', 'id of the finding, such as drift_…')
  .requiredOption('--reason <text>', 'why')
  .option('--json', 'print one JSON object')
  .action(async (id: string, options: { reason: string; json?: boolean }) =>
    (await import('./commands/drift.command.js')).ignoreDrift(id, options),
  );
drift
  .command('reopen')
  .description('open an ignored difference again')
  .argument('<id>', 'id of the finding, such as drift_…')
  .option('--json', 'print one JSON object')
  .action(async (id: string, options: { json?: boolean }) =>
    (await import('./commands/drift.command.js')).reopenDrift(id, options),
  );
keelson
  .command('adopt')
  .description('bring the accounts of a panel under management, without making anything anew')
  .requiredOption('--connection <name>', 'connection that the server is on')
  .option('--match <how>', 'whose they are: email (of the account), or csv (a list)', 'email')
  .option('--csv <file>', 'list with a head of username and any of email, name, product')
  .option('--product <slug>', 'product of accounts whose package says nothing')
  .option('--dry-run', 'show what would be written, and write nothing')
  .option('--json', 'print one JSON object')
  .action(async (options: AdoptOptions) => (await import('./commands/adopt.command.js')).adopt(options));

const domains = keelson.command('domains').description('domains at registrars');
domains
  .command('sync')
  .description('learn from the registrars when domains expire')
  .action(async () => (await import('./commands/domains.command.js')).syncDomains());
domains
  .command('import-prices')
  .description('store what a registrar asks for domains as our costs')
  .requiredOption('--connection <name>', 'connection of the registrar')
  .option('--markup <percent>', 'sell endings that are not sold yet at cost and so many per cent')
  .action(async (options: { connection: string; markup?: string }) =>
    (await import('./commands/domains.command.js')).importPrices(options),
  );

const plugin = keelson.command('plugin').description('write a plugin for another vendor (docs/plugins.md)');
plugin
  .command('new')
  .description('generate a plugin that compiles, boots, and fails conformance with the list of what to write')
  .argument('<vendor>', 'id of the plugin, kebab-case')
  .requiredOption('--port <port...>', 'port that it speaks; may be given several times')
  .option(
    '--capability <capability...>',
    'optional ability of these ports to write methods for; may be given several times',
  )
  .option('--title <title>', "the vendor's own spelling of its name, for people and classes")
  .option('--dir <folder>', 'make it a package of its own in this folder, instead of plugins/<vendor>')
  .action(async (vendor: string, options: NewPluginOptions) =>
    (await import('./commands/plugin-new.command.js')).newPlugin(vendor, options),
  );
plugin
  .command('check')
  .description('say what is wrong with a plugin, one line a problem')
  .argument('<folder>', 'folder of the plugin, built')
  .action(async (folder: string) => (await import('./commands/plugin-check.command.js')).pluginCheck(folder));

await keelson.parseAsync().catch(fail);
