/** One step of the job, as the timeline shows it. */
export interface DemoStep {
  step: string;
  status: string;
  /** Milliseconds after the job began. */
  startMs?: number;
  durationMs?: number;
  /** Connection that did it. */
  by?: string;
  reason?: string;
}

export interface DemoCheck {
  what: string;
  ok: boolean;
  /** What was seen at the vendor's side. */
  seen: string;
}

/** What the demo did and found. */
export interface DemoReport {
  ok: boolean;
  plan: string;
  domain: string;
  email: string;
  jobId: string;
  /** Milliseconds from the payment to the end of the job. */
  wallMs: number;
  timeline: DemoStep[];
  dns: { name: string; type: string; answer: string[] }[];
  mailbox: string;
  mail: { from: string; to: string; subject: string; text: string };
  checks: DemoCheck[];
}

/** The report for people. */
export function renderReport(report: DemoReport): string {
  const steps = report.timeline.map(({ step, status, startMs, durationMs, by, reason }) =>
    [step.padEnd(20), status.padEnd(11), cell(startMs), cell(durationMs), by ?? reason ?? ''].join('  '),
  );
  return `
Plan ${report.plan} for ${report.domain}, bought by ${report.email}
Job ${report.jobId}: ${report.wallMs} ms from payment to active

${['step'.padEnd(20), 'status'.padEnd(11), 'start ms'.padStart(9), 'took ms'.padStart(9), 'by'].join('  ')}
${steps.join('\n')}

DNS answers
${report.dns.map(({ name, type, answer }) => `  ${type.padEnd(5)} ${name}  ${answer.join(', ')}`).join('\n')}

Mailbox at the panel: ${report.mailbox}

Mail that arrived
  From:    ${report.mail.from}
  To:      ${report.mail.to}
  Subject: ${report.mail.subject}

${report.mail.text.replace(/^/gm, '  | ')}

Checked at the vendors
${report.checks.map(({ what, ok, seen }) => `  ${ok ? 'ok    ' : 'FAILED'} ${what}: ${seen}`).join('\n')}
`;
}

function cell(ms: number | undefined): string {
  return (ms === undefined ? '-' : String(ms)).padStart(9);
}
