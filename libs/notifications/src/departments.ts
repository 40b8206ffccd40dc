import type { MailAddress, Settings } from '@keelson/core';

export const departments = ['sales', 'billing', 'support'] as const;
/** Who in the company writes. */
export type Department = (typeof departments)[number];

/** What of the settings decides who mail is from. */
export type SenderSettings = Pick<Settings, 'companyName' | 'supportEmail' | 'mailFrom'>;

const titles: Readonly<Record<Department, string>> = { sales: 'Sales', billing: 'Billing', support: 'Support' };

/**
 * Sender and answer address of a department. All departments send from the one address that the mail server lets us use
 * (`SMTP_FROM`), under their own name; answers go to `SUPPORT_EMAIL`.
 */
export function senderOf(
  department: Department,
  settings: SenderSettings,
): { from: MailAddress; replyTo: MailAddress } {
  const { mailFrom, companyName, supportEmail } = settings;
  return {
    from: { name: `${mailFrom.name} ${titles[department]}`, address: mailFrom.address },
    replyTo: { name: `${companyName} Support`, address: supportEmail },
  };
}
