import type { MailTemplate, OperatorAttentionData } from './template.types.js';

/** Asks the operator to look at something the engine cannot settle alone. */
export const operatorAttentionTemplate: MailTemplate<OperatorAttentionData> = {
  subject: '[{{companyName}}] needs attention: {{title}}',
  text: `{{title}}

{{reason}}

{{#facts}}
  {{name}}: {{value}}
{{/facts}}
{{#url}}

  {{url}}
{{/url}}
`,
  html: `<h2 style="margin:0 0 12px;font-size:18px">{{title}}</h2>
<p style="margin:0 0 14px">{{reason}}</p>
<table role="presentation" style="border-collapse:collapse;font-size:15px">
{{#facts}}
<tr><td style="padding:4px 14px 4px 0;color:#5b6675;vertical-align:top">{{name}}</td><td style="padding:4px 0;overflow-wrap:anywhere">{{value}}</td></tr>
{{/facts}}
</table>
{{#url}}
<p style="margin:18px 0 0"><a href="{{url}}" style="color:#0b5cad">{{url}}</a></p>
{{/url}}
`,
};
