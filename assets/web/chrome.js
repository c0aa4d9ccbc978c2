/* What all our pages share: language and direction of the document, header, footer. */
import { LOCALES, pageLocale, words } from './i18n.js';
import { el } from './api.js';

export const w = words(pageLocale);

/** This address in another language. */
export function localised(path, locale = pageLocale) {
  const url = new URL(path, location.href);
  url.searchParams.set('locale', locale);
  return url.pathname + url.search + url.hash;
}

function languageSwitch() {
  const select = el('select', { id: 'language', onchange: () => location.assign(localised(location.href, select.value)) },
    Object.entries(LOCALES).map(([tag, name]) => el('option', { value: tag, lang: tag, selected: tag === pageLocale }, name)));
  return el('div', { class: 'language' }, el('label', { for: 'language', class: 'hidden' }, w.t('language')), select);
}

/** Fill <header> and <footer> and set the document's language. */
export function dress(title, here) {
  document.documentElement.lang = w.locale;
  document.documentElement.dir = w.dir;
  document.title = title ? `${title} – Cordwain` : 'Cordwain';
  const link = (path, name, id) => el('a', { href: localised(path), 'aria-current': here === id ? 'page' : null }, name);
  document.querySelector('body > header').replaceChildren(
    el('a', { class: 'skip', href: '#main' }, w.t('skip')),
    el('a', { class: 'brand', href: localised('/'), title: w.t('home') }, el('span', { class: 'mark', 'aria-hidden': 'true' }), 'Cordwain'),
    languageSwitch());
  document.querySelector('body > footer')?.replaceChildren(
    el('nav', { 'aria-label': 'Cordwain' }, link('/', w.t('products'), 'shop'), link('/desk', w.t('desk'), 'desk'), link('/docs', w.t('api'), 'docs')));
}
