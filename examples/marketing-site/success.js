import { ask } from './api.js';

const byId = (id) => document.getElementById(id);
const sessionId = new URLSearchParams(location.search).get('session_id');
const paid = ['active', 'trialing'];
const needsPatience = ['failed', 'cancelled', 'needs_attention'];
const ended = ['expired', 'failed', 'cancelled', 'canceled'];

/** What a customer sees at each point of the way. `stage` is the one under way. */
const views = {
  checking: {
    stage: 'paid',
    title: 'Checking your payment…',
    sentence: 'This takes a few seconds. You can leave this page open.',
  },
  setup: {
    stage: 'setup',
    title: 'Thank you! We are setting up your hosting',
    sentence: 'It takes about a minute. You may close this page: we write to you when it is ready.',
  },
  ready: {
    stage: undefined,
    title: 'Your hosting is ready',
    sentence: 'We have sent you a mail with your user name and everything else you need to begin.',
  },
  delayed: {
    stage: 'setup',
    title: 'It takes a little longer',
    sentence:
      'Your payment has arrived. Someone of us is looking at your order now and writes to you. You need not do anything.',
  },
  ended: {
    stage: 'paid',
    title: 'This order was not completed',
    sentence: 'You have not been charged. You can order again from the list of plans.',
  },
};

/** Where an answer of the API stands on the way. */
function viewOf({ status, subscription, provisioning }) {
  if (needsPatience.includes(provisioning?.status)) return 'delayed';
  if (provisioning?.status === 'completed') return 'ready';
  if (provisioning !== null && provisioning !== undefined) return 'setup';
  if (paid.includes(subscription?.status)) return 'setup';
  return ended.includes(status) ? 'ended' : 'checking';
}

function show(name, progress) {
  const { stage, title, sentence } = views[name];
  const stages = [...byId('stages').children];
  const current = stage === undefined ? stages.length : stages.findIndex((item) => item.dataset.stage === stage);
  stages.forEach((item, index) => {
    item.classList.toggle('done', index < current);
    if (index === current && name !== 'ended') item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  });
  if (byId('title').textContent !== title) byId('title').textContent = title;
  document.title = title;
  byId('sentence').textContent = sentence;
  byId('progress').hidden = name === 'ended' || name === 'delayed';
  byId('progress').value = progress;
}

function say(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = text === '';
}

/** Asks every second at first, then every five, until the order is done or a person has to deal with it. */
async function follow() {
  const started = Date.now();
  for (;;) {
    try {
      const session = await ask(`/api/checkout/session/${encodeURIComponent(sessionId)}`);
      const view = viewOf(session);
      show(view, view === 'ready' ? 100 : (session.provisioning?.progress ?? 0));
      say('');
      if (view === 'ready' || view === 'ended') return;
    } catch (problem) {
      if (problem.status === 404) return say('We do not know this order. Please use the link from the payment page.');
      say(`${problem.message} Your order goes on meanwhile.`);
    }
    await new Promise((resolve) => setTimeout(resolve, Date.now() - started < 120_000 ? 1_000 : 5_000));
  }
}

if (sessionId === null || sessionId === '') {
  show('ended', 0);
  say('This page needs the link from the payment page.');
} else {
  byId('reference').textContent = `Your reference: ${sessionId}`;
  void follow();
}
