import type { FastifyInstance, FastifyReply } from 'fastify';
import { ApiError } from './api-error.js';
import { completeCheckout, needsCard } from './complete-checkout.js';
import { page, text, money, type Html } from './page-layout.js';
import type { CheckoutSession, Coupon, Invoice, PortalSession, Price } from './stripe-objects.js';
import type { CheckoutDraft, StripeStore } from './stripe-store.js';

/** Serves the pages for people: the payment page and a small customer portal. */
export function servePages(app: FastifyInstance, store: StripeStore, merchant: string): void {
  app.get<{ Params: { id: string } }>('/c/pay/:id', (request, reply) => {
    const session = store.find<CheckoutSession>('checkout.session', request.params.id);
    return show(reply, session === undefined ? 404 : 200, paymentPage(store, session, merchant));
  });

  app.post<{ Params: { id: string }; Body: Record<string, string> | null }>('/c/pay/:id', (request, reply) => {
    const { id } = request.params;
    const session = store.find<CheckoutSession>('checkout.session', id);
    if (session === undefined) return show(reply, 404, paymentPage(store, undefined, merchant));
    const { card, name } = request.body ?? {};
    try {
      completeCheckout(store, id, { card, ...(name?.trim() ? { name: name.trim() } : {}) });
      return reply.redirect(returnUrl(session), 303);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      return show(reply, thrown.status, paymentPage(store, session, merchant, thrown.message));
    } finally {
      store.save();
    }
  });

  app.get<{ Params: { id: string } }>('/p/session/:id', (request, reply) => {
    const portal = store.find<PortalSession>('billing_portal.session', request.params.id);
    return show(reply, portal === undefined ? 404 : 200, portalPage(store, portal, merchant));
  });
}

function show(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);
}

/** Where the customer goes after paying. */
function returnUrl({ success_url: url, id }: CheckoutSession): string {
  return url.replaceAll(/\{CHECKOUT_SESSION_ID\}|%7BCHECKOUT_SESSION_ID%7D/gi, id);
}

function paymentPage(
  store: StripeStore,
  session: CheckoutSession | undefined,
  merchant: string,
  refusal?: string,
): string {
  const draft = session === undefined ? undefined : store.state.drafts[session.id];
  if (session === undefined || draft === undefined)
    return page(merchant, 'Page not found', '<h1>This payment page does not exist</h1>');
  if (session.status === 'complete') {
    const back = `<p><a class="button" href="${text(returnUrl(session))}">Return to ${text(merchant)}</a></p>`;
    return page(merchant, 'Paid', `<h1>This order is paid</h1>${back}`);
  }
  if (session.status === 'expired')
    return page(merchant, 'Expired', '<h1>This payment page has expired</h1><p>Please order again.</p>');
  const due = money(session.amount_total, session.currency);
  return page(
    merchant,
    `Pay ${due}`,
    `<div class="columns"><section aria-labelledby="order"><p class="merchant">${text(merchant)}</p>
    <h1 id="order">${session.amount_total === 0 ? 'Start your order' : `Pay ${due}`}</h1>${summary(store, session, draft)}</section>
    <section aria-labelledby="payment"><h2 id="payment">Payment</h2>${form(session, refusal)}</section></div>`,
  );
}

function summary(store: StripeStore, session: CheckoutSession, draft: CheckoutDraft): Html {
  const { currency } = session;
  const row = (label: string, amount: number, note = '', kind = '') =>
    `<tr class="${kind}"><th scope="row">${text(label)}${note === '' ? '' : `<small>${text(note)}</small>`}</th><td>${money(amount, currency)}</td></tr>`;
  const lines = draft.lines.map(({ price, quantity, name, description }) => {
    const count = quantity === 1 ? '' : ` × ${quantity}`;
    return row(
      `${name}${count}`,
      price.unit_amount * quantity,
      [rhythm(price), description].filter(Boolean).join(' · '),
    );
  });
  const discount = session.total_details.amount_discount;
  const coupon = store.find<Coupon>('coupon', session.discounts[0]?.coupon ?? '');
  return `<table><caption class="hidden">Your order</caption><tbody>${lines.join('')}
    ${draft.trialDays === undefined ? '' : row(`Free for ${draft.trialDays} days`, session.amount_subtotal, 'due now')}
    ${coupon === undefined ? '' : row(coupon.name ?? 'Discount', -discount, 'on this payment')}
    ${row('Total due today', session.amount_total, '', 'total')}</tbody></table>`;
}

function rhythm({ recurring }: Price): string {
  if (recurring === null) return 'once';
  const { interval, interval_count: count } = recurring;
  return count === 1 ? `every ${interval}` : `every ${count} ${interval}s`;
}

function form(session: CheckoutSession, refusal: string | undefined): Html {
  const email = session.customer_details?.email ?? '';
  const card = `<label for="card">Card number</label>
    <input id="card" name="card" inputmode="numeric" autocomplete="cc-number" placeholder="4242 4242 4242 4242" required autofocus
      aria-describedby="hint${refusal === undefined ? '' : ' refusal'}"${refusal === undefined ? '' : ' aria-invalid="true"'}>
    <div class="pair"><div><label for="expiry">Expiry</label>
    <input id="expiry" name="expiry" autocomplete="cc-exp" placeholder="12 / 34"></div>
    <div><label for="cvc">CVC</label><input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="123"></div></div>`;
  return `${refusal === undefined ? '' : `<p id="refusal" role="alert" class="refusal">${text(refusal)}</p>`}
    <form method="post"><p class="email"><span>E-mail</span> ${text(email)}</p>${needsCard(session) ? card : '<p>Nothing is due, no card is needed.</p>'}
    <label for="name">Name on card</label><input id="name" name="name" autocomplete="cc-name" maxlength="200">
    <button type="submit">${session.amount_total === 0 ? 'Confirm' : `Pay ${money(session.amount_total, session.currency)}`}</button></form>
    <p class="hint" id="hint">Test mode: 4242 4242 4242 4242 pays, 4000 0000 0000 9995 is declined. No money moves.</p>
    ${session.cancel_url === null ? '' : `<p><a href="${text(session.cancel_url)}">Cancel and go back</a></p>`}`;
}

function portalPage(store: StripeStore, portal: PortalSession | undefined, merchant: string): string {
  if (portal === undefined) return page(merchant, 'Page not found', '<h1>This page does not exist</h1>');
  const invoices = store.all<Invoice>('invoice').filter(({ customer }) => customer === portal.customer);
  const rows = invoices.map(
    ({ number, status, total, currency }) =>
      `<tr><th scope="row">${text(number ?? '')}<small>${status}</small></th><td>${money(total, currency)}</td></tr>`,
  );
  const back =
    portal.return_url === null ? '' : `<p><a href="${text(portal.return_url)}">Return to ${text(merchant)}</a></p>`;
  return page(merchant, 'Your invoices', `<h1>Your invoices</h1><table><tbody>${rows.join('')}</tbody></table>${back}`);
}
