/* An order, followed: asks every few seconds until it has come to its end. */
import { ask, el, picture, sentence } from './api.js';
import { dress, localised, w } from './chrome.js';
import './i18n-order.js';

const POLL_MS = 5000;
const PATH = ['received', 'accepted', 'in_production', 'inspected', 'packed', 'shipped'];
const FINAL = new Set(['shipped', 'cancelled']);
const TROUBLE = new Set(['hold', 'on_hold', 'rejected', 'cancelled', 'cancel_requested', 'cancel_refused', 'scrapped', 'rework']);
const main = document.querySelector('main');
const id = decodeURIComponent(location.pathname.split('/')[2] || '');
let shown = '';

/* What happened, then what is still to come. Steps that only matter inside the workshop are left out. */
function steps(order) {
  const happened = order.history.filter(({ state }) => state !== 'leased' && state !== 'queued');
  const over = FINAL.has(order.state);
  const reached = Math.max(...happened.map(({ state }) => PATH.indexOf(state)));
  const coming = over ? [] : PATH.slice(reached + 1).map((state) => ({ state }));
  return [...happened.map((step, index) => ({ ...step, done: true, current: index === happened.length - 1 })), ...coming];
}

function timeline(order) {
  return el('ol', { class: 'timeline' }, steps(order).map(({ state, at, done, current }) => el('li',
    { class: [done && 'done', current && 'current', done && TROUBLE.has(state) && 'trouble'].filter(Boolean).join(' '), 'aria-current': current ? 'step' : null },
    w.t(`state_${state}`), at ? el('time', { datetime: at }, w.time(at)) : null)));
}

/* The server decides; this only keeps the button away where it surely says no. */
const mayCancel = (order) => !FINAL.has(order.state) && order.state !== 'cancel_requested'
  && order.specs.every(({ state }) => ['queued', 'leased', 'accepted', 'hold', 'rejected'].includes(state));

function cancelButton() {
  const fault = el('p', { class: 'fault', role: 'alert' });
  return el('button', { type: 'button', class: 'button danger', onclick: () => {
    const sure = el('button', { type: 'button', class: 'button danger', onclick: async () => {
      try {
        const order = await ask(`/v1/orders/${encodeURIComponent(id)}/cancel?locale=${w.locale}`, { method: 'POST' });
        node.close();
        show(order);
      } catch (problem) { fault.textContent = sentence(problem, w); }
    } }, w.t('cancel'));
    const node = el('dialog', { 'aria-labelledby': 'cancel-title' }, el('form', { method: 'dialog', class: 'dialog' },
      el('h2', { id: 'cancel-title' }, w.t('cancelAsk')), el('p', {}, w.t('cancelHelp')), fault,
      el('div', { class: 'actions' }, el('button', { class: 'button' }, w.t('keep')), sure)));
    node.addEventListener('close', () => node.remove());
    document.body.append(node);
    node.showModal();
  } }, w.t('cancel'));
}

function sums({ price, shipBy, quantity, createdAt }) {
  return el('dl', { class: 'pairs' },
    el('dt', {}, w.t('ordered')), el('dd', {}, w.time(createdAt)),
    el('dt', {}, w.t('shipBy')), el('dd', {}, w.date(shipBy)),
    el('dt', {}, w.t('quantity')), el('dd', {}, w.number(quantity)),
    price.lines.flatMap((line) => [el('dt', {}, line.title), el('dd', {}, w.money(line.amount, price.currency))]),
    el('dt', { class: 'total' }, w.t('total')), el('dd', { class: 'total' }, w.money(price.total, price.currency)));
}

const announce = el('p', { class: 'hidden', role: 'status' });

function show(order) {
  const now = JSON.stringify([order.state, order.history]);
  if (now === shown) return;
  if (shown) announce.textContent = w.t('updated', { state: w.t(`state_${order.state}`) });
  shown = now;
  document.title = `${w.t('orderNumber', { number: order.number })} – Cordwain`;
  const pictures = Object.values(order.previews).map((url, index) =>
    picture(url, index ? '' : order.alt, index ? '15vw' : '(min-width: 60rem) 55vw, 100vw'));
  const body = el('div', { class: 'order' },
    el('div', { class: 'pictures' }, pictures),
    el('div', {},
      el('h1', {}, el('span', {}, w.t('orderNumber', { number: '' }).trim(), ' '), el('bdi', { dir: 'ltr' }, order.number)),
      el('p', {}, el('strong', {}, order.title), ' ', el('span', { class: TROUBLE.has(order.state) ? 'badge stop' : 'badge go', id: 'state', 'data-state': order.state }, w.t(`state_${order.state}`))),
      el('p', { class: 'quiet' }, w.t('orderThanks')),
      el('section', { class: 'card' }, el('h2', {}, w.t('progress')), timeline(order), mayCancel(order) ? cancelButton() : null),
      el('section', { class: 'card' }, el('h2', {}, w.t('summary')), el('p', { class: 'alt' }, order.alt), sums(order),
        order.design ? el('p', {}, el('a', { href: localised(`/products/${order.product}?design=${order.design}`) }, w.t('designLink'))) : null)));
  const had = main.querySelector('.order');
  if (had) had.replaceWith(body); else main.replaceChildren(announce, body);
}

function tell(problem) {
  const box = main.querySelector('.error') || el('div', { class: 'error', role: 'alert' });
  const retry = problem.status === 404 ? [] : [el('button', { type: 'button', class: 'button small', onclick: poll }, w.t('retry'))];
  box.replaceChildren(el('p', {}, sentence(problem, w)), ...retry);
  if (!box.isConnected) main.prepend(box);
}

let timer = 0;
async function poll() {
  clearTimeout(timer);
  try {
    const order = await ask(`/v1/orders/${encodeURIComponent(id)}?locale=${w.locale}`);
    main.querySelector('.error')?.remove();
    show(order);
    if (FINAL.has(order.state)) return;
  } catch (problem) {
    tell(problem);
    if (problem.status === 404) return;
  }
  timer = setTimeout(poll, POLL_MS);
}

dress('');
main.append(announce);
poll().then(() => main.setAttribute('aria-busy', 'false'));
