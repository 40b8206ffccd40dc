import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** The keelson program, with the flags that it gives Node itself. */
export const keelson = fileURLToPath(new URL('../apps/cli/bin/keelson.mjs', import.meta.url));

/** Middle value; the mean of the two middle ones for an even number. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A port that nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves with the milliseconds from `began` until the URL answers 200. Rejects after a minute. */
export async function untilOk(url, began) {
  while (performance.now() - began < 60_000) {
    const status = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return performance.now() - began;
    await sleep(5);
  }
  throw new Error(`${url} did not answer 200 within a minute`);
}

/** Starts a program; its output is kept. */
export function startProgram(command, args, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    child,
    text: () => Buffer.concat(output).toString(),
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Processor time that a process has used, in milliseconds. Programs beside it do not disturb it as they do the clock. */
export function processorMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  // Linux counts in hundredths of a second, whatever the machine.
  return (Number(user) + Number(system)) * 10;
}

/** Resident memory of a process in MB (10^6 bytes). */
export function residentMb(pid) {
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024) / 1e6;
}

/**
 * Prints figures as a table and as one JSON line.
 * @param {{ figure: string, value: string, target?: string, met?: boolean }[]} rows
 */
export function report(name, rows) {
  const { node } = process.versions;
  console.log(`\n${name}   (Node ${node}, ${cpus().length} cores, client on the same machine)\n`);
  const width = Math.max(...rows.map(({ figure }) => figure.length));
  for (const { figure, value, target = '', met } of rows) {
    console.log(
      `  ${figure.padEnd(width)}  ${value.padStart(24)}  ${target.padEnd(26)} ${met === undefined ? '' : met ? 'met' : 'NOT MET'}`,
    );
  }
  console.log(`\n${JSON.stringify({ bench: name, node, cores: cpus().length, rows })}`);
}

export const ms = (value) => `${Math.round(value)} ms`;
export const spread = (values, unit = ms) =>
  `${unit(median(values))} (${unit(Math.min(...values))} – ${unit(Math.max(...values))})`;
