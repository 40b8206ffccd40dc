import type { MailTemplate, ProvisioningDelayedData } from './template.types.js';

/** Tells a customer who paid that it takes longer, before the customer has to ask. */
export const provisioningDelayedTemplate: MailTemplate<ProvisioningDelayedData> = {
  subject: 'Your order takes a little longer{{#domain}}: {{domain}}{{/domain}}',
  text: `{{> greeting}}

thank you for your order of {{productName}}{{#domain}} for {{domain}}{{/domain}}. Setting it up takes longer than usual. We know about it and are working on it.

You need not do anything, and you will not be charged twice. We write to you as soon as everything is ready.
`,
  html: `{{> greeting}}
<p style="margin:0 0 14px">thank you for your order of <strong>{{productName}}</strong>{{#domain}} for <strong>{{domain}}</strong>{{/domain}}. Setting it up takes longer than usual. We know about it and are working on it.</p>
<p style="margin:0">You need not do anything, and you will not be charged twice. We write to you as soon as everything is ready.</p>
`,
};
