/* The product list. */
import { ask, el, picture, sentence } from './api.js';
import { dress, localised, w } from './chrome.js';

const main = document.querySelector('main');

function presetStrip(product) {
  return el('div', { class: 'strip' },
    el('h3', {}, w.t('readyMade')),
    el('ul', {}, product.presets.filter((preset) => preset.preview).map((preset) => el('li', {},
      el('a', { href: localised(`/products/${product.id}?preset=${preset.id}`) },
        picture(preset.preview, '', '140px', { loading: 'lazy' }), el('span', {}, preset.title))))));
}

function card(product, index) {
  const href = localised(`/products/${product.id}`);
  return el('article', { class: 'product' },
    el('a', { class: 'hero', href, tabindex: '-1', 'aria-hidden': 'true' },
      picture(product.preview, '', '(min-width: 60rem) 55vw, 100vw', { fetchpriority: index ? 'auto' : 'high' })),
    el('div', { class: 'about' },
      el('h2', {}, el('a', { href }, product.title)),
      el('p', {}, product.summary),
      el('p', { class: 'facts' }, el('strong', {}, w.t('from', { price: w.moneyShort(product.basePrice, product.currency) })),
        el('span', {}, w.t('leadDays', { n: w.number(product.leadDays) }))),
      el('p', {}, el('a', { class: 'button', href }, w.t('design')))),
    presetStrip(product));
}

async function show() {
  try {
    const { products } = await ask(`/v1/products?locale=${w.locale}`);
    main.append(...products.map(card));
    if (products.length === 0) main.append(el('p', { class: 'quiet' }, w.t('noProducts')));
  } catch (problem) {
    const box = el('p', { class: 'error', role: 'alert' }, sentence(problem, w), ' ',
      el('button', { type: 'button', class: 'button', onclick: () => { box.remove(); show(); } }, w.t('retry')));
    main.append(box);
  }
  main.setAttribute('aria-busy', 'false');
}

dress('', 'shop');
main.append(el('div', { class: 'intro' }, el('h1', {}, w.t('tagline')), el('p', {}, w.t('lede'))));
show();
