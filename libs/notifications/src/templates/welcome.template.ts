import type { MailTemplate, WelcomeData } from './template.types.js';
import { nextStepsOf, openingOf } from './welcome.wording.js';

const row = (name: string, value: string) =>
  `<tr><td style="padding:4px 14px 4px 0;color:#5b6675;vertical-align:top">${name}</td><td style="padding:4px 0;overflow-wrap:anywhere">${value}</td></tr>`;
const code = (value: string) => `<code style="font-size:15px">${value}</code>`;
const heading = (text: string) => `<h2 style="margin:22px 0 6px;font-size:16px">${text}</h2>`;
const table = '<table role="presentation" style="border-collapse:collapse;font-size:15px">';

/** The mail after the first payment: where to log in, with what, and what to do next. */
export const welcomeTemplate: MailTemplate<WelcomeData> = {
  subject: 'Welcome to {{companyName}}: {{#domain}}{{domain}}{{/domain}}{{^domain}}{{productName}}{{/domain}} is ready',
  derive: (data) => ({
    opening: openingOf(data),
    nextSteps: nextStepsOf(data).map((step, index) => ({ step, number: index + 1 })),
    hasNameservers: data.nameservers.length > 0,
  }),
  text: `{{> greeting}}

{{opening}}

Your customer area
  Address:   {{login.url}}
  User name: {{login.userName}}
{{#login.temporaryPassword}}
  Temporary password: {{login.temporaryPassword}}
{{/login.temporaryPassword}}
{{^login.temporaryPassword}}
  Password:  the one you chose when you ordered
{{/login.temporaryPassword}}
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
{{#hasNameservers}}

Name servers
{{#nameservers}}
  {{.}}
{{/nameservers}}
{{/hasNameservers}}

Next steps
{{#nextSteps}}
  {{number}}. {{step}}
{{/nextSteps}}
`,
  html: `{{> greeting}}
<p style="margin:0 0 14px">{{opening}}</p>
${heading('Your customer area')}
${table}
${row('Address', '<a href="{{login.url}}" style="color:#0b5cad">{{login.url}}</a>')}
${row('User name', code('{{login.userName}}'))}
{{#login.temporaryPassword}}
${row('Temporary password', code('{{login.temporaryPassword}}'))}
{{/login.temporaryPassword}}
{{^login.temporaryPassword}}
${row('Password', 'the one you chose when you ordered')}
{{/login.temporaryPassword}}
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
{{#hasNameservers}}
${heading('Name servers')}
<p style="margin:0;font-size:15px">{{#nameservers}}${code('{{.}}')}<br>{{/nameservers}}</p>
{{/hasNameservers}}
${heading('Next steps')}
<ol style="margin:0;padding-left:22px">
{{#nextSteps}}
<li style="margin:0 0 4px">{{step}}</li>
{{/nextSteps}}
</ol>
`,
};
