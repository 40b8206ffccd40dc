import { accessHtml, accessText, code, heading, row, table } from './access-blocks.js';
import type { MailTemplate, WelcomeData } from './template.types.js';
import { nextStepsOf, openingOf } from './welcome.wording.js';

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
${accessText}
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
${accessHtml}
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
