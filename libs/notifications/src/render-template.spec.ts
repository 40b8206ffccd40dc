import { describe, expect, it } from '@jest/globals';
import { productTypes } from '@keelson/core';
import { oneLine, renderTemplate } from './render-template.js';
import type { WelcomeData } from './templates/template.types.js';

const brand = { companyName: 'Harbour Hosting', supportEmail: 'help@harbour.example' };
const welcome: WelcomeData & typeof brand = {
  ...brand,
  customerName: 'Ann Bee',
  productName: 'Starter',
  productType: 'hosting',
  domain: 'ann.example',
  domainIsOurs: false,
  login: { url: 'https://my.harbour.example/login', userName: 'ann@bee.example', temporaryPassword: 'Temp-0rary' },
  panel: { url: 'https://web1.harbour.example:2083', userName: 'annexamp', password: 'Panel-Pass' },
  nameservers: ['ns1.harbour.example', 'ns2.harbour.example'],
  mailbox: { address: 'admin@ann.example', password: 'Box-Pass' },
};

describe('the welcome mail', () => {
  it('reads in plain text like this', () => {
    expect(renderTemplate('welcome', welcome).text).toBe(`Hello Ann Bee,

Your web hosting Starter for ann.example is ready. You can upload your site now.

Your customer area
  Address:   https://my.harbour.example/login
  User name: ann@bee.example
  Temporary password: Temp-0rary

Your hosting panel
  Address:   https://web1.harbour.example:2083
  User name: annexamp
  Password:  Panel-Pass

Your mailbox
  Address:   admin@ann.example
  Password:  Box-Pass

Name servers
  ns1.harbour.example
  ns2.harbour.example

Next steps
  1. Sign in with the temporary password; you will be asked to choose your own.
  2. Where you registered ann.example, set its name servers to ns1.harbour.example and ns2.harbour.example. It takes up to 48 hours until everyone sees it.
  3. Upload your site with the file manager of the panel or by FTP.
  4. Create further mailboxes in the panel.

--
Harbour Hosting
Questions? Answer this mail or write to help@harbour.example.
`);
  });

  it('says the same in HTML', () => {
    const { subject, html } = renderTemplate('welcome', welcome);
    expect(subject).toBe('Welcome to Harbour Hosting: ann.example is ready');
    for (const part of [
      'Hello Ann Bee,',
      'href="https:&#x2F;&#x2F;my.harbour.example&#x2F;login"',
      'ann@bee.example',
      'Temp-0rary',
      'annexamp',
      'Panel-Pass',
      'admin@ann.example',
      'Box-Pass',
      'ns2.harbour.example',
      'set its name servers to',
      'mailto:help@harbour.example',
      'Harbour Hosting',
    ]) {
      expect(html).toContain(part);
    }
    expect(html).not.toContain('{{');
  });

  it('leaves out what there is none of', () => {
    const {
      login: { url, userName },
    } = welcome;
    const { text, html } = renderTemplate('welcome', {
      ...brand,
      productName: 'Disk 100',
      productType: 'storage',
      domainIsOurs: true,
      login: { url, userName },
      nameservers: [],
    });
    expect(text).toContain('Hello,\n');
    expect(text).toContain('Password:  the one you chose when you ordered');
    expect(text).toContain('  1. Open the panel and create your first folder.');
    for (const part of [text, html])
      expect(part).not.toMatch(/panel<|Your hosting panel|mailbox|Name servers|temporary|undefined/i);
  });

  it('shows no password of one thing at another: a panel without password shows none', () => {
    const { text } = renderTemplate('welcome', { ...welcome, panel: { userName: 'annexamp' } });
    expect(text).toContain('Your hosting panel\n  User name: annexamp\n\nYour mailbox');
  });

  it('asks to move name servers only for a domain that lies elsewhere', () => {
    expect(renderTemplate('welcome', { ...welcome, domainIsOurs: true }).text).not.toContain('set its name servers');
  });

  it.each(productTypes)('has wording of its own for %s', (productType) => {
    const { text } = renderTemplate('welcome', { ...welcome, productType });
    const others = productTypes.filter((other) => other !== productType);
    const opening = text.split('\n')[2];
    expect(opening).toContain('Starter for ann.example');
    for (const other of others) {
      expect(renderTemplate('welcome', { ...welcome, productType: other }).text.split('\n')[2]).not.toBe(opening);
    }
  });
});

describe('whatever customers type', () => {
  const hostile = '<script>alert(1)</script>"\'&{{supportEmail}}{{{supportEmail}}}$&';

  it('is text in HTML and untouched in plain text', () => {
    const { text, html } = renderTemplate('welcome', { ...welcome, customerName: hostile, productName: hostile });
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(text).toContain(`Hello ${hostile},`);
    expect(text).toContain(`${hostile} for ann.example`);
  });

  it('cannot add headers through the subject', () => {
    const { subject } = renderTemplate('welcome', { ...welcome, domain: 'a.example\r\nBcc: eve@example.org\u0000' });
    expect(subject).toBe('Welcome to Harbour Hosting: a.example Bcc: eve@example.org is ready');
  });

  it('cannot become a link that runs a script', () => {
    const url = 'javascript:alert(1)';
    expect(() => renderTemplate('welcome', { ...welcome, panel: { userName: 'a', url } })).toThrow(
      new TypeError('url of a mail must be an http or https address'),
    );
    expect(() => renderTemplate('password-reset', { ...brand, resetUrl: url, validMinutes: 60 })).toThrow(TypeError);
  });

  it('keeps names of every language', () => {
    const { text, html } = renderTemplate('welcome', { ...welcome, customerName: '山田 Özgür 🚢' });
    expect(text).toContain('Hello 山田 Özgür 🚢,');
    expect(html).toContain('Hello 山田 Özgür 🚢,');
  });

  it('becomes one line for a header', () => {
    expect(oneLine(' Ann\r\n\tBee\u2028\u0007 ')).toBe('Ann Bee');
  });
});

describe('the other mails', () => {
  it('let a customer choose a new password', () => {
    const resetUrl = 'https://my.harbour.example/reset?token=abc';
    const { subject, text, html } = renderTemplate('password-reset', { ...brand, resetUrl, validMinutes: 60 });
    expect(subject).toBe('Choose a new password for Harbour Hosting');
    expect(text).toContain(`within 60 minutes:\n\n  ${resetUrl}\n`);
    expect(html).toContain('href="https:&#x2F;&#x2F;my.harbour.example&#x2F;reset?token&#x3D;abc"');
  });

  it('tell a customer that an order takes longer', () => {
    const { subject, text, html } = renderTemplate('provisioning-delayed', {
      ...brand,
      productName: 'Starter',
      domain: 'ann.example',
    });
    expect(subject).toBe('Your order takes a little longer: ann.example');
    for (const part of [text, html]) expect(part).toContain('you will not be charged twice');
  });

  it.each([
    ['registration', undefined, 'could not be registered', 'or your money back'],
    ['transfer', undefined, 'could not be moved to us yet', 'The domain stays where it is'],
    ['transfer', 'auth-code', 'could not be moved to us yet', 'Ask the registrar that keeps the domain now'],
    ['transfer', 'unlock', 'could not be moved to us yet', 'Remove the transfer lock'],
    ['transfer', 'wait', 'could not be moved to us yet', 'nothing that you have to do now'],
  ] as const)('say why a %s was refused (%s) and what can be done', (during, remedy, what, next) => {
    const { subject, text, html } = renderTemplate('domain-refused', {
      ...brand,
      domain: 'ann.example',
      during,
      reason: 'The <registry> said no.',
      ...(remedy === undefined ? {} : { remedy }),
    });
    expect(subject).toBe(`ann.example ${what}`);
    for (const part of [what, 'The <registry> said no.', next]) expect(text).toContain(part);
    expect(html).toContain('The &lt;registry&gt; said no.');
  });

  it('ask the operator for attention, with the facts', () => {
    const { subject, text, html } = renderTemplate('operator-attention', {
      ...brand,
      title: 'Account may exist twice',
      reason: 'The server did not answer; look for the account and retry the job.',
      facts: [
        { name: 'Job', value: 'job_01j' },
        { name: 'Domain', value: '<b>ann.example</b>' },
      ],
      url: 'https://console.harbour.example/jobs/job_01j',
    });
    expect(subject).toBe('[Harbour Hosting] needs attention: Account may exist twice');
    expect(text).toContain(
      '  Job: job_01j\n  Domain: <b>ann.example</b>\n\n  https://console.harbour.example/jobs/job_01j',
    );
    expect(html).toContain('&lt;b&gt;ann.example');
  });
});
