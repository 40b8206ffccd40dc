import type { DomainRefusedData, MailTemplate } from './template.types.js';

const subjects: Readonly<Record<DomainRefusedData['during'], string>> = {
  registration: 'could not be registered',
  transfer: 'could not be moved to us yet',
};

const remedies: Readonly<Record<NonNullable<DomainRefusedData['remedy']>, string>> = {
  'auth-code':
    'Ask the registrar that keeps the domain now for its auth code (also called EPP code or transfer key) and send it to us. We then go on where we stopped; you do not pay again.',
  unlock:
    'Remove the transfer lock at the registrar that keeps the domain now, and answer this mail. We then go on where we stopped; you do not pay again.',
  wait: 'There is nothing that you have to do now. Answer this mail when we may try again, or if you have changed your mind.',
};

const decisions: Readonly<Record<DomainRefusedData['during'], string>> = {
  registration:
    'Nothing was bought at the registry. Answer this mail and tell us what you like best: another domain, a domain that you have already, or your money back.',
  transfer:
    'Answer this mail and tell us what you like best: that we try again, or your money back. The domain stays where it is.',
};

/** Tells a customer that the registrar refuses the domain of an order, and asks for a decision. */
export const domainRefusedTemplate: MailTemplate<DomainRefusedData> = {
  subject: '{{domain}} {{what}}',
  derive: ({ during, remedy }) => ({
    what: subjects[during],
    nextStep: remedy === undefined ? decisions[during] : remedies[remedy],
  }),
  text: `{{> greeting}}

{{domain}} {{what}}. The registrar says:

  {{reason}}

{{nextStep}}
`,
  html: `{{> greeting}}
<p style="margin:0 0 14px"><strong>{{domain}}</strong> {{what}}. The registrar says:</p>
<p style="margin:0 0 14px;padding-left:14px;border-left:3px solid #dde3ea">{{reason}}</p>
<p style="margin:0">{{nextStep}}</p>
`,
};
