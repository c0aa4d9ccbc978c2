/* The two questions the configurator asks: what to do with a saved design, and whether to order. */
import { copy, el } from './api.js';

function dialog(title, w, ...content) {
  const node = el('dialog', { 'aria-labelledby': 'dialog-title' },
    el('form', { method: 'dialog', class: 'dialog' }, el('h2', { id: 'dialog-title' }, title), ...content));
  node.addEventListener('close', () => node.remove());
  return node;
}

/** Show the link of a saved design. */
export function savedDialog(root, w, link, title) {
  const input = el('input', { type: 'text', id: 'share-link', value: link, readonly: true, dir: 'ltr', onfocus: () => input.select() });
  const told = el('span', { role: 'status' });
  const share = navigator.share && el('button', { type: 'button', class: 'button', onclick: () => navigator.share({ title, url: link }).catch(() => {}) }, w.t('share'));
  const node = dialog(w.t('saved'), w, el('p', {}, w.t('savedHelp')),
    el('label', { for: 'share-link' }, w.t('link')), input,
    el('div', { class: 'actions' },
      el('button', { type: 'button', class: 'button primary', onclick: async () => { await copy(input); told.textContent = w.t('copied'); } }, w.t('copy')),
      share, el('a', { class: 'button', href: link, target: '_blank', rel: 'noopener' }, w.t('openShare')),
      el('button', { class: 'button' }, w.t('close')), told));
  root.append(node);
  node.showModal();
  return node;
}

/**
 * Ask for the quantity and a last look.
 * @param quote  async (quantity) → {total, currency, shipBy}
 * @param place  async (quantity, total) → leaves the page, or throws a sentence
 */
export function orderDialog(root, w, { alt, texts, quote, place }) {
  let quantity = 1, price = null, asked = 0, busy = false;
  const number = el('input', { type: 'number', id: 'quantity', min: '1', max: '999', value: '1', required: true, inputmode: 'numeric', oninput: () => set(Number(number.value)) });
  const sum = el('dl', { class: 'sum' }), fault = el('p', { class: 'fault', role: 'alert' });
  const go = el('button', { type: 'button', class: 'button primary', onclick: order }, w.t('order'));

  async function refresh() {
    const mine = ++asked;
    price = null;
    go.setAttribute('aria-disabled', 'true');
    try {
      const next = await quote(quantity);
      if (mine !== asked) return;
      price = next;
      fault.textContent = '';
      go.textContent = w.t('confirmOrder', { price: w.money(next.total, next.currency) });
      go.removeAttribute('aria-disabled');
      sum.replaceChildren(el('dt', {}, w.t('total')), el('dd', {}, w.money(next.total, next.currency)), el('dt', {}, w.t('shipBy')), el('dd', {}, w.date(next.shipBy)));
    } catch (message) {
      if (mine === asked) fault.textContent = message;
    }
  }

  function set(next) {
    if (!Number.isInteger(next) || next < 1 || next > 999) return;
    quantity = next;
    if (number.value !== String(next)) number.value = String(next);
    refresh();
  }

  async function order() {
    if (!price || busy) return;
    busy = true;
    go.setAttribute('aria-busy', 'true');
    go.textContent = w.t('ordering');
    fault.textContent = '';
    try {
      await place(quantity, price.total);
    } catch (message) {
      await refresh();
      fault.textContent = message;
    }
    busy = false;
    go.removeAttribute('aria-busy');
  }

  const step = (by, name, sign) => el('button', { type: 'button', class: 'button round', 'aria-label': name, onclick: () => set(quantity + by) }, sign);
  const node = dialog(w.t('orderTitle'), w, el('p', { class: 'quiet' }, alt),
    texts.length ? el('div', { class: 'read-back' }, el('p', {}, w.t('readBack')), el('ul', {}, texts.map(({ title, text }) => el('li', {}, el('span', {}, title), el('bdi', {}, text))))) : null,
    el('label', { for: 'quantity' }, w.t('quantity')),
    el('div', { class: 'stepper' }, step(-1, w.t('less'), '−'), number, step(1, w.t('more'), '+')),
    sum, fault, el('div', { class: 'actions' }, go, el('button', { class: 'button' }, w.t('close'))));
  node.querySelector('form').addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target === number) { event.preventDefault(); order(); } });
  root.append(node);
  node.showModal();
  refresh();
  return node;
}
