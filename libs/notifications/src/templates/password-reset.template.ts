import type { MailTemplate, PasswordResetData } from './template.types.js';

/** The way back in for someone who forgot the password. */
export const passwordResetTemplate: MailTemplate<PasswordResetData> = {
  subject: 'Choose a new password for {{companyName}}',
  text: `{{> greeting}}

someone, most likely you, asked for a new password. Choose one here within {{validMinutes}} minutes:

  {{resetUrl}}

If it was not you, do nothing: your password stays as it is.
`,
  html: `{{> greeting}}
<p style="margin:0 0 18px">someone, most likely you, asked for a new password. Choose one within {{validMinutes}} minutes:</p>
<p style="margin:0 0 18px"><a href="{{resetUrl}}" style="display:inline-block;padding:11px 20px;border-radius:8px;background:#0b5cad;color:#ffffff;text-decoration:none">Choose a new password</a></p>
<p style="margin:0 0 14px;font-size:13px;color:#5b6675;overflow-wrap:anywhere">{{resetUrl}}</p>
<p style="margin:0">If it was not you, do nothing: your password stays as it is.</p>
`,
};
