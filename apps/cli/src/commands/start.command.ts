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
  const { apiUrl, sandbox, administrator } = installation;
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
    ...administratorRow(administrator),
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

function administratorRow(administrator: Installation['administrator']): [string, string][] {
  if (administrator === undefined) return [];
  const { email, password } = administrator;
  return [['Administrator', password === undefined ? email : `${email}   password: ${password}   (shown once)`]];
}
