import { ask } from './api.js';

const byId = (id) => document.getElementById(id);
const cycles = {
  monthly: { title: 'Monthly', per: 'a month', months: 1 },
  annually: { title: 'Yearly', per: 'a year', months: 12 },
  biennially: { title: '2 years', per: 'for 2 years', months: 24 },
  triennially: { title: '3 years', per: 'for 3 years', months: 36 },
};
const kinds = {
  hosting: 'Web hosting',
  wordpress: 'WordPress',
  email: 'E-mail',
  storage: 'Storage',
  vps: 'Virtual server',
  domain: 'Domain',
  licence: 'Licence',
};
const withDomain = ['hosting', 'wordpress', 'email', 'domain'];

let plans = [];
let chosen;

function money(amount, currency) {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount);
}

/** The cycle that a plan is shown with: the one wanted, or the shortest that it has. */
function cycleOf(plan, wanted) {
  return wanted in plan.price ? wanted : Object.keys(cycles).find((cycle) => cycle in plan.price);
}

function wantedCycle() {
  return document.querySelector('input[name=cycle]:checked')?.value ?? 'monthly';
}

/** What a customer saves against paying by the month. */
function fineprint(plan, cycle) {
  const parts = [];
  const { months } = cycles[cycle];
  const price = plan.price[cycle];
  const saved = Math.round((1 - price / (plan.price.monthly * months)) * 100);
  if (saved > 0) parts.push(`${money(price / months, plan.currency)} a month`, `you save ${saved}\u00a0%`);
  if (plan.setupFee > 0) parts.push(`${money(plan.setupFee, plan.currency)} setup`);
  if (plan.trialDays > 0) parts.push(`${plan.trialDays} days free`);
  return parts.join(' · ');
}

function showPlans() {
  const template = byId('plan-template').content;
  const cards = plans.map((plan) => {
    const card = template.cloneNode(true);
    const cycle = cycleOf(plan, wantedCycle());
    const put = (selector, text) => (card.querySelector(selector).textContent = text);
    put('.kind', kinds[plan.type] ?? plan.type);
    put('h3', plan.name);
    put('.about', plan.description ?? '');
    put('.amount', money(plan.price[cycle], plan.currency));
    put('.per', cycles[cycle].per);
    put('.fine', fineprint(plan, cycle));
    const button = card.querySelector('button');
    button.setAttribute('aria-label', `Choose ${plan.name}`);
    button.addEventListener('click', () => openOrder(plan, cycle));
    for (const feature of plan.features ?? []) {
      card.querySelector('.features').append(Object.assign(document.createElement('li'), { textContent: feature }));
    }
    return card;
  });
  byId('plans').replaceChildren(...cards);
}

function showCycles() {
  const offered = Object.keys(cycles).filter((cycle) => plans.some((plan) => cycle in plan.price));
  for (const cycle of offered) {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'cycle', value: cycle });
    input.checked = cycle === offered[0];
    const label = document.createElement('label');
    label.append(input, cycles[cycle].title);
    byId('cycles').append(label);
  }
  byId('cycles').hidden = offered.length < 2;
  byId('cycles').addEventListener('change', showPlans);
}

function openOrder(plan, cycle) {
  chosen = { plan, cycle };
  byId('order-title').textContent = plan.name;
  const fine = fineprint(plan, cycle);
  byId('order-price').textContent =
    `${money(plan.price[cycle], plan.currency)} ${cycles[cycle].per}${fine === '' ? '' : ` (${fine})`}`;
  byId('domain-part').hidden = !withDomain.includes(plan.type);
  byId('modes').hidden = plan.type === 'domain';
  showProblem();
  byId('order').showModal();
  byId('email').focus();
}

const fields = { email: 'email', domain: 'domain', domainMode: 'domain', couponCode: 'coupon' };

/** Puts messages at their fields and the rest above the form; without arguments it clears all of them. */
function showProblem(message = '', messages = {}) {
  for (const id of new Set(Object.values(fields))) {
    const own = Object.entries(messages).find(([name]) => fields[name] === id)?.[1] ?? '';
    byId(`${id}-error`).textContent = own;
    byId(id).setAttribute('aria-invalid', String(own !== ''));
  }
  const atFields = Object.keys(messages).some((name) => name in fields);
  byId('problem').textContent = message;
  byId('problem').hidden = message === '' || atFields;
  if (messages.couponCode !== undefined) byId('coupon-part').open = true;
  document.querySelector('[aria-invalid=true]')?.focus();
}

/** What is wrong with the form before the API is asked. */
function mistakes({ email, domain, needsDomain }) {
  const found = {};
  if (!/^\S+@\S+\.\S+$/.test(email)) found.email = 'Enter your e-mail address: the way in will be sent there.';
  if (needsDomain && !/^[^\s./@]+(\.[^\s./@]+)+$/.test(domain)) found.domain = 'Enter a domain such as example.com.';
  return found;
}

/** The domain in what people paste: `https://www.example.com/page` means `example.com`. */
function domainIn(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/?#].*$/, '')
    .replace(/^www\.|\.$/g, '');
}

async function submitOrder(event) {
  event.preventDefault();
  const { plan, cycle } = chosen;
  const form = new FormData(byId('order-form'));
  const needsDomain = withDomain.includes(plan.type);
  const email = form.get('email').trim();
  const domain = domainIn(form.get('domain'));
  const coupon = form.get('couponCode').trim().toUpperCase();
  const found = mistakes({ email, domain, needsDomain });
  if (Object.keys(found).length > 0) return showProblem('Please check the form.', found);
  showProblem();
  busy(true);
  try {
    const page = (name) => new URL(name, location.href.split(/[?#]/)[0]).href;
    const { url } = await ask('/api/public/checkout', {
      planId: plan.id,
      term: cycle,
      email,
      successUrl: `${page('success.html')}?session_id={CHECKOUT_SESSION_ID}`,
      cancelUrl: page('cancel.html'),
      ...(needsDomain
        ? { domain, domainMode: plan.type === 'domain' ? 'new_registration' : form.get('domainMode') }
        : {}),
      ...(coupon === '' ? {} : { couponCode: coupon }),
    });
    if (!/^https?:\/\//.test(url)) throw new Error('The payment page has no usable address.');
    location.assign(url);
  } catch (problem) {
    busy(false);
    showProblem(problem.message, problem.fields);
  }
}

function busy(working) {
  byId('pay').disabled = working;
  byId('pay').textContent = working ? 'One moment…' : 'Continue to payment';
}

async function start() {
  byId('order-form').addEventListener('submit', submitOrder);
  byId('close').addEventListener('click', () => byId('order').close());
  // A page that the browser brings back from its cache was left while it was busy.
  window.addEventListener('pageshow', () => busy(false));
  const notice = byId('notice');
  try {
    plans = (await ask('/api/public/plans')).plans.filter((plan) => cycleOf(plan, 'monthly') !== undefined);
    notice.hidden = plans.length > 0;
    notice.textContent = 'There is nothing to buy yet. Please come back later.';
    showCycles();
    showPlans();
  } catch (problem) {
    notice.hidden = false;
    notice.classList.add('bad');
    notice.textContent = problem.message;
  }
}

void start();
