/* The configurator's own page: hands the address to the element. */
import { dress, w } from './chrome.js';
import './configurator.js';

const query = new URLSearchParams(location.search);
const product = decodeURIComponent(location.pathname.split('/')[2] || '');
const element = document.createElement('cordwain-configurator');
dress('');
for (const [name, value] of Object.entries({ product, locale: w.locale, market: query.get('market'), design: query.get('design'), preset: query.get('preset') })) {
  if (value) element.setAttribute(name, value);
}
element.addEventListener('cordwain:ready', (event) => { document.title = `${event.detail.title} – Cordwain`; });
element.addEventListener('cordwain:ordered', (event) => { location.assign(`${event.detail.page}?locale=${w.locale}`); });
const main = document.querySelector('main');
main.append(element);
main.setAttribute('aria-busy', 'false');
