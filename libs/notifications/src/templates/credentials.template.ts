import type { CredentialsData, MailTemplate } from './template.types.js';

const row = (name: string, value: string) =>
  `<tr><td style="padding:4px 14px 4px 0;color:#5b6675;vertical-align:top">${name}</td><td style="padding:4px 0;overflow-wrap:anywhere">${value}</td></tr>`;
const code = (value: string) => `<code style="font-size:15px">${value}</code>`;
const heading = (text: string) => `<h2 style="margin:22px 0 6px;font-size:16px">${text}</h2>`;
const table = '<table role="presentation" style="border-collapse:collapse;font-size:15px">';

/** How to get into a service that the customer has: after a new password, or when the first mail is lost. */
export const credentialsTemplate: MailTemplate<CredentialsData> = {
  subject: 'Your access to {{#domain}}{{domain}}{{/domain}}{{^domain}}{{productName}}{{/domain}}',
  text: `{{> greeting}}

here is how to get into {{productName}}{{#domain}} for {{domain}}{{/domain}}. Passwords that you have changed yourself in the panel are not known
to us: they stay as you set them.

Your customer area
  Address:   {{login.url}}
  User name: {{login.userName}}
{{#panel}}

Your hosting panel
{{#url}}
  Address:   {{url}}
{{/url}}
  User name: {{userName}}
{{#password}}
  Password:  {{password}}
{{/password}}
{{/panel}}
{{#licenceKey}}

Your licence key
  {{licenceKey}}
{{/licenceKey}}
{{#mailbox}}

Your mailbox
  Address:   {{address}}
{{#password}}
  Password:  {{password}}
{{/password}}
{{/mailbox}}

Did you not ask for this? Tell us: somebody may be trying to get in.
`,
  html: `{{> greeting}}
<p style="margin:0 0 14px">here is how to get into {{productName}}{{#domain}} for {{domain}}{{/domain}}. Passwords that you have changed yourself in the panel are not known to us: they stay as you set them.</p>
${heading('Your customer area')}
${table}
${row('Address', '<a href="{{login.url}}" style="color:#0b5cad">{{login.url}}</a>')}
${row('User name', code('{{login.userName}}'))}
</table>
{{#panel}}
${heading('Your hosting panel')}
${table}
{{#url}}
${row('Address', '<a href="{{url}}" style="color:#0b5cad">{{url}}</a>')}
{{/url}}
${row('User name', code('{{userName}}'))}
{{#password}}
${row('Password', code('{{password}}'))}
{{/password}}
</table>
{{/panel}}
{{#licenceKey}}
${heading('Your licence key')}
<p style="margin:0;font-size:15px">${code('{{licenceKey}}')}</p>
{{/licenceKey}}
{{#mailbox}}
${heading('Your mailbox')}
${table}
${row('Address', code('{{address}}'))}
{{#password}}
${row('Password', code('{{password}}'))}
{{/password}}
</table>
{{/mailbox}}
<p style="margin:22px 0 0">Did you not ask for this? Tell us: somebody may be trying to get in.</p>
`,
};
