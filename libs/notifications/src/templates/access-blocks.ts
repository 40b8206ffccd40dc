/** Pieces of mails that several templates show. */
export const row = (name: string, value: string) =>
  `<tr><td style="padding:4px 14px 4px 0;color:#5b6675;vertical-align:top">${name}</td><td style="padding:4px 0;overflow-wrap:anywhere">${value}</td></tr>`;
export const code = (value: string) => `<code style="font-size:15px">${value}</code>`;
export const heading = (text: string) => `<h2 style="margin:22px 0 6px;font-size:16px">${text}</h2>`;
export const table = '<table role="presentation" style="border-collapse:collapse;font-size:15px">';

/** How to get into panel and mailbox, and the licence key, as text: what there is of them. */
export const accessText = `{{#panel}}

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
{{/mailbox}}`;

/** The same for the HTML part. */
export const accessHtml = `{{#panel}}
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
{{/mailbox}}`;
