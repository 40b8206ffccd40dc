import mustache from 'mustache';
import { credentialsTemplate } from './templates/credentials.template.js';
import { domainRefusedTemplate } from './templates/domain-refused.template.js';
import { htmlFrame, htmlPartials, textFrame, textPartials } from './templates/frame.js';
import { operatorAttentionTemplate } from './templates/operator-attention.template.js';
import { passwordResetTemplate } from './templates/password-reset.template.js';
import { provisioningDelayedTemplate } from './templates/provisioning-delayed.template.js';
import type { Brand, MailTemplate, TemplateData, TemplateName } from './templates/template.types.js';
import { welcomeTemplate } from './templates/welcome.template.js';

const templates: { [Name in TemplateName]: MailTemplate<TemplateData[Name]> } = {
  welcome: welcomeTemplate,
  credentials: credentialsTemplate,
  'password-reset': passwordResetTemplate,
  'provisioning-delayed': provisioningDelayedTemplate,
  'operator-attention': operatorAttentionTemplate,
  'domain-refused': domainRefusedTemplate,
};

export interface RenderedMail {
  /** One line. Holds no secret: it is kept in the e-mail log. */
  subject: string;
  text: string;
  html: string;
}

/**
 * Fills a template. Everything in `data` is shown as it is: HTML in it is text, line breaks in the subject become spaces.
 * The same data give the same mail.
 * @throws TypeError when a link is not `http` or `https`
 */
export function renderTemplate<Name extends TemplateName>(name: Name, data: TemplateData[Name] & Brand): RenderedMail {
  const template: MailTemplate<TemplateData[Name]> = templates[name];
  refuseOtherLinks(data);
  const view = { ...data, ...template.derive?.(data) };
  const subject = oneLine(asText(template.subject, view));
  const text = asText(textFrame, { ...view, body: asText(template.text, view).trim() });
  const body = mustache.render(template.html, view, htmlPartials);
  return { subject, text, html: mustache.render(htmlFrame, { ...view, subject, body }) };
}

function asText(template: string, view: object): string {
  return mustache.render(template, view, textPartials, { escape: String });
}

/** The text on one line, without control characters: fit for a header. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Escaping does not make `javascript:` harmless in a link. */
function refuseOtherLinks(data: object): void {
  for (const [name, value] of Object.entries(data)) {
    if (value !== null && typeof value === 'object') refuseOtherLinks(value as object);
    else if (/url$/i.test(name) && typeof value === 'string' && !/^https?:\/\/\S+$/.test(value)) {
      throw new TypeError(`${name} of a mail must be an http or https address`);
    }
  }
}
