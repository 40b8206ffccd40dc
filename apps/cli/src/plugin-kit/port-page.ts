import type { MethodSource, PortSource } from './port-source.js';

const defaultDeadlineMs = 30_000;

/** The page `docs/ports/<port>.md` of a port. */
export function renderPortPage(source: PortSource): string {
  const { port, prose, methods, capabilities, types } = source;
  const parts = [
    `<!-- Rendered from libs/core/src/ports/${port.id}.port.ts by npm run docs:ports. Change the source, not this page. -->`,
    `# The port \`${port.id}\`, version ${port.version}`,
    prose,
    `An adapter implements \`${source.interfaceName}\`. It throws nothing but \`PortError\`; [plugins.md](../plugins.md#errors) has the table of codes.`,
    '## Methods',
    ...methods.map((method) => renderMethod(method, source)),
    '## Capabilities',
    capabilities.length === 0
      ? 'None.'
      : 'Optional. An adapter has the methods of exactly those capabilities that its manifest declares.',
    ...capabilities.flatMap(({ name, prose: about, methods: own }) => [
      `### Capability \`${name}\``,
      ...(about === '' ? [] : [about]),
      ...own.map((method) => renderMethod(method, source, '####')),
    ]),
    ...(types.length === 0 ? [] : ['## Types']),
    ...types.map(({ prose: about, code }) => `${about === '' ? '' : `${about}\n\n`}\`\`\`ts\n${code}\n\`\`\``),
  ];
  return `${parts.join('\n\n')}\n`;
}

function renderMethod(method: MethodSource, { port }: PortSource, heading = '###'): string {
  const deadlineMs = port.deadlines?.[method.name] ?? defaultDeadlineMs;
  const kind = port.reads.includes(method.name)
    ? 'Reads: nothing has happened at the vendor when it fails.'
    : 'Acts: a lost answer is `outcome-unknown`.';
  return [
    `${heading} \`${method.name}\``,
    `\`\`\`ts\n${method.signature}\n\`\`\``,
    ...(method.prose === '' ? [] : [method.prose]),
    ...method.parameters.map(({ name, text }) => `- \`${name}\`: ${text}`),
    `${kind} Deadline ${deadlineMs / 1000} s.`,
  ].join('\n\n');
}
