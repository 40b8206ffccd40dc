import type { ProductType } from '@keelson/core';
import type { WelcomeData } from './template.types.js';

/** The sentence that opens the welcome mail. `{what}` is the product, with its domain when it has one. */
const openings: Readonly<Record<ProductType, string>> = {
  hosting: 'Your web hosting {what} is ready. You can upload your site now.',
  wordpress: 'Your WordPress hosting {what} is ready. You can start to write now.',
  email: 'Your e-mail service {what} is ready. You can send and receive mail now.',
  storage: 'Your storage {what} is ready. You can upload files now.',
  vps: 'Your virtual server {what} is ready. You can log in to it now.',
  domain: 'Your domain {what} is registered.',
  licence: 'Your licence {what} is active.',
};

const nextSteps: Readonly<Record<ProductType, readonly string[]>> = {
  hosting: ['Upload your site with the file manager of the panel or by FTP.', 'Create further mailboxes in the panel.'],
  wordpress: ['Open the panel and finish the setup of WordPress.', 'Choose a theme and write your first page.'],
  email: ['Set up your mail program with the mailbox above.', 'Create further mailboxes in the panel.'],
  storage: ['Open the panel and create your first folder.'],
  vps: ['Open the panel and set your SSH key.', 'Bring the operating system up to date.'],
  domain: ['Check the contact data of your domain in your customer area.'],
  licence: ['Enter the licence key above in your panel.'],
};

/** The opening sentence for a product. */
export function openingOf({ productType, productName, domain }: WelcomeData): string {
  const what = domain === undefined || domain === productName ? productName : `${productName} for ${domain}`;
  return openings[productType].replace('{what}', () => what);
}

/** What the customer does next, in order. */
export function nextStepsOf({ login, domain, domainIsOurs, nameservers, productType }: WelcomeData): string[] {
  const steps: string[] = [];
  if (login.temporaryPassword !== undefined)
    steps.push('Sign in with the temporary password; you will be asked to choose your own.');
  if (domain !== undefined && !domainIsOurs && nameservers.length > 0) {
    steps.push(
      `Where you registered ${domain}, set its name servers to ${nameservers.join(' and ')}. It takes up to 48 hours until everyone sees it.`,
    );
  }
  return [...steps, ...nextSteps[productType]];
}
