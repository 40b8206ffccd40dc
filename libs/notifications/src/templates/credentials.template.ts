import { accessHtml, accessText, code, heading, row, table } from './access-blocks.js';
import type { CredentialsData, MailTemplate } from './template.types.js';

/** How to get into a service that the customer has: after a new password, or when the first mail is lost. */
export const credentialsTemplate: MailTemplate<CredentialsData> = {
  subject: 'Your access to {{#domain}}{{domain}}{{/domain}}{{^domain}}{{productName}}{{/domain}}',
  text: `{{> greeting}}

here is how to get into {{productName}}{{#domain}} for {{domain}}{{/domain}}. Passwords that you have changed yourself in the panel are not known
to us: they stay as you set them.

Your customer area
  Address:   {{login.url}}
  User name: {{login.userName}}
${accessText}

Did you not ask for this? Tell us: somebody may be trying to get in.
`,
  html: `{{> greeting}}
<p style="margin:0 0 14px">here is how to get into {{productName}}{{#domain}} for {{domain}}{{/domain}}. Passwords that you have changed yourself in the panel are not known to us: they stay as you set them.</p>
${heading('Your customer area')}
${table}
${row('Address', '<a href="{{login.url}}" style="color:#0b5cad">{{login.url}}</a>')}
${row('User name', code('{{login.userName}}'))}
</table>
${accessHtml}
<p style="margin:22px 0 0">Did you not ask for this? Tell us: somebody may be trying to get in.</p>
`,
};
