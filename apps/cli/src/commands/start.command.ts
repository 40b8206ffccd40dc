import { findAdministratorPasswordFile } from '../administrator-password.js';
import { type Installation, startInstallation } from '../start-installation.js';

/** Starts an installation, prints where everything is, and runs until Ctrl-C or SIGTERM. */
export async function start(program: string): Promise<void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const progress = (line: string) => void process.stdout.write(`· ${line}\n`);
  const began = performance.now();
  const installation = await startInstallation({ env: process.env, program, progress });
  const { apiUrl, sandbox } = installation;
  const rows: [string, string][] = [
    ...(sandbox === undefined
      ? []
      : ([
          ['Store', sandbox.storeUrl],
          ['Sandbox', sandbox.url],
        ] as [string, string][])),
    ['API', apiUrl],
    ['API docs', `${apiUrl}/docs`],
    ...(sandbox?.endpoints ?? []).map(({ plugin, name, url }): [string, string] => [`${plugin} ${name}`, url]),
    ...administratorRow(installation),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(`\nKeelson is up (${((performance.now() - began) / 1000).toFixed(1)} s)\n\n`);
  for (const [name, value] of rows) process.stdout.write(`  ${name.padEnd(width)}  ${value}\n`);
  if (sandbox !== undefined) process.stdout.write(`\n  Buy a plan with the card 4242 4242 4242 4242.\n`);
  process.stdout.write('\nCtrl-C stops everything.\n');
  await ended;
  process.stdout.write('\nstopping …\n');
  await installation.stop();
  process.exit(0);
}

/** Who signs in first. Later starts only say where the password is, as it has probably been changed since. */
function administratorRow({ administrator, home }: Installation): [string, string][] {
  if (administrator?.password !== undefined) {
    return [['Administrator', `${administrator.email}   password: ${administrator.password}`]];
  }
  if (administrator !== undefined) return [['Administrator', administrator.email]];
  const file = findAdministratorPasswordFile(home);
  return file === undefined ? [] : [['Administrator', `the password of the first start is in ${file}`]];
}
