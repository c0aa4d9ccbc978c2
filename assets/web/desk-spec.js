/* One build spec as a work sheet: what to make, from what, what to write, how to check; prints as a traveller. */
import { el, picture } from './api.js';
import { w } from './chrome.js';

const REASONED = new Set(['hold', 'rejected', 'rework', 'scrapped', 'cancel_refused']);
const local = (text) => (typeof text === 'string' ? text : text?.[w.locale] ?? text?.en ?? '');
const path = (url) => new URL(url, location.href).pathname;

function swatch(colour) {
  const chip = el('span', { class: 'sw', 'aria-hidden': 'true' });
  chip.style.setProperty('--chip', colour.sRGB);
  return chip;
}

function partsTable({ parts, colours, materials }) {
  const colourOf = (id) => colours.find((colour) => colour.id === id);
  const materialOf = (id) => materials.find((material) => material.id === id);
  /* Left and right of one part are one line. */
  const lines = new Map();
  for (const part of parts) {
    const key = [part.name, part.material, part.colour, part.finish].join('|');
    lines.set(key, { ...part, ids: [...(lines.get(key)?.ids ?? []), part.id] });
  }
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': w.t('parts') }, el('table', { class: 'parts' },
    el('thead', {}, el('tr', {}, ['part', 'material', 'colour', 'lab'].map((key) => el('th', { scope: 'col' }, w.t(key))))),
    el('tbody', {}, [...lines.values()].map((part) => {
      const colour = colourOf(part.colour), lab = colour?.Lab;
      return el('tr', {}, el('th', { scope: 'row' }, part.name ?? part.ids.join(', '), part.ids.length > 1 ? ` ×${part.ids.length}` : ''),
        el('td', {}, el('code', {}, materialOf(part.material)?.MaterialDefinitionID ?? part.material), part.finish ? ` · ${part.finish}` : ''),
        el('td', {}, colour ? [swatch(colour), colour.name, ' ', el('small', { class: 'quiet' }, colour.reference?.ColorBookEntry ?? '')] : '–'),
        el('td', { class: 'mono' }, lab ? el('bdi', { dir: 'ltr' }, [lab.L, lab.a, lab.b].map((part) => Number(part).toFixed(2)).join(' / ')) : '–', colour?.tolerance ? el('small', { class: 'quiet' }, ` ${w.t('tolerance', { n: colour.tolerance.max })}`) : ''));
    }))));
}

function texts({ configuration, artworks }) {
  const list = configuration.selections.filter(({ value }) => value && typeof value === 'object' && value.text);
  if (!list.length) return null;
  return el('section', { class: 'wide' }, el('h2', {}, w.t('texts')), el('ul', { class: 'texts' }, list.map(({ option, value }) => {
    const art = artworks?.find(({ content }) => content?.text === value.text);
    return el('li', {}, el('small', {}, option.replaceAll('_', ' '), ' · ', w.number(value.graphemes), value.font ? ` · ${value.font}` : ''),
      el('bdi', { dir: 'auto' }, value.text), art ? el('small', {}, art.id) : null);
  })));
}

/* A shopper's picture as it is printed: how it looks, how large, how fine, and the file with all its pixels. */
function artPicture({ option, width, height, rotation, widthPx, heightPx, FileSpec: file }, open, thumb) {
  const image = el('img', { alt: '' }), mm = (length) => w.number(Math.round(length / 100) / 10);
  thumb(`${path(file.URL)}/picture.png`).then((data) => { image.src = data; }, () => image.remove());
  const facts = [w.t('pictureMm', { width: mm(width), height: mm(height) }), w.t('pictureDpi', { n: w.number(Math.floor(widthPx * 25400 / width)) }),
    rotation ? w.t('pictureTurned', { n: w.number((rotation + 360) % 360) }) : '', `${w.number(widthPx)} × ${w.number(heightPx)} px`];
  return el('figure', { class: 'art-picture' }, image, el('figcaption', {}, el('strong', {}, option.replaceAll('_', ' ')), el('small', {}, facts.filter(Boolean).join(' · ')),
    el('button', { type: 'button', class: 'button small no-print', onclick: () => open(path(file.URL)) }, w.t('openPicture'))));
}

function artworkList({ artworks = [], placements = [] }, open, thumb) {
  if (!artworks.length) return null;
  return el('section', {}, el('h2', {}, w.t('artwork')), el('ul', { class: 'checklist' }, artworks.map((art) => {
    const placed = placements.filter((placement) => placement.artwork === art.id);
    return el('li', {}, el('strong', {}, art.id), ` ${art.size.width / 1000} × ${art.size.height / 1000} mm `,
      el('button', { type: 'button', class: 'button small no-print', onclick: () => open(path(art.FileSpec.URL)) }, w.t('openPdf')),
      placed.map((place) => el('small', {}, `${place.part ?? ''} · ${place.process} · ${local(place.datum)}`)),
      (art.pictures ?? []).map((one) => artPicture(one, open, thumb)));
  })));
}

/* "MAYA", "≤ 2", "0 (−500 … 500) µm": what a check wants, as short as it can be said. */
function bounds({ nominal, lower, upper, unit }) {
  const wanted = typeof nominal === 'object' ? nominal?.text : nominal;
  const range = lower !== undefined && upper !== undefined ? `${lower} … ${upper}` : lower !== undefined ? `≥ ${lower}` : upper !== undefined ? `≤ ${upper}` : '';
  const said = wanted === undefined || (range && wanted === 0) ? range : range ? `${wanted} (${range})` : String(wanted);
  return said && unit ? `${said} ${unit === '4H' ? 'µm' : unit}` : said;
}

function operations({ operations: list = [], checks = [] }, ticks) {
  const check = (id) => checks.find((one) => one.id === id);
  const box = (id, title, note) => el('label', {}, el('input', { type: 'checkbox', name: id, checked: ticks.has(id), onchange: (event) => ticks.set(id, event.target.checked) }),
    el('span', {}, title, note ? el('small', {}, note) : null));
  return el('section', { class: 'wide' }, el('h2', {}, `${w.t('operations')} · ${w.t('checks')}`), el('ul', { class: 'checklist' }, list.map((operation) => {
    const minutes = /PT(\d+)M/.exec(operation.duration ?? '')?.[1];
    const parameters = (operation.parameters ?? []).map((parameter) => `${parameter.ID} ${typeof parameter.Value === 'object' ? parameter.Value?.text ?? JSON.stringify(parameter.Value) : parameter.Value}`);
    const note = [operation.workCentre?.EquipmentClassID, minutes && w.t('minutes', { n: minutes }), ...parameters, local(operation.instructions)].filter(Boolean).join(' · ');
    return el('li', {}, box(operation.id, `${operation.seq} ${local(operation.name)}`, note),
      (operation.checks ?? []).length ? el('ul', {}, operation.checks.map(check).filter(Boolean).map((one) =>
        el('li', {}, box(one.id, [local(one.characteristic), bounds(one)].filter(Boolean).join(': '), [local(one.method), one.severity].filter(Boolean).join(' · '))))) : null);
  })));
}

/* Buttons for the moves that are allowed now; those that need a reason ask for it first. */
function moves(row, move, release) {
  const box = el('div', { class: 'actions no-print' });
  const reason = el('input', { type: 'text', id: 'reason', maxlength: '400' });
  const ask = el('div', { class: 'actions', hidden: true }, el('label', { for: 'reason' }, w.t('reasonAsk')), reason);
  const button = (to, index) => el('button', { type: 'button', class: `button ${index === 0 ? 'primary' : ''} ${['rejected', 'scrapped'].includes(to) ? 'danger' : ''}`, 'data-to': to, onclick: () => {
    if (REASONED.has(to) && !reason.value.trim()) { ask.hidden = false; reason.focus(); return; }
    for (const one of box.querySelectorAll('button')) one.disabled = true;
    move(to, REASONED.has(to) ? { reason: reason.value.trim() } : {});
  } }, w.t(`do_${to}`));
  box.append(...(row.next ?? []).map(button));
  if (row.state === 'leased' && row.leaseId) box.append(el('button', { type: 'button', class: 'button', onclick: release }, w.t('release')));
  box.append(ask);
  return box;
}

function facts(row, spec) {
  const pairs = [
    ['shipBy', w.date(row.shipBy)], ['qty', w.number(spec.order.quantity.value)], row.size && ['size', row.size],
    ['state', null], ['recipe', spec.configuration.recipe], ['revision', String(row.revision)],
  ].filter(Boolean);
  return { pairs, serial: row.serial };
}

/** What was ticked off for a spec: kept in this tab, because every move draws the sheet anew. */
function ticksOf(specId) {
  const name = `cordwain:ticks:${specId}`;
  let ids = [];
  try { ids = JSON.parse(sessionStorage.getItem(name)) ?? []; } catch { /* none kept */ }
  return {
    has: (id) => ids.includes(id),
    set(id, on) {
      ids = ids.filter((one) => one !== id).concat(on ? [id] : []);
      try { sessionStorage.setItem(name, JSON.stringify(ids)); } catch { /* only until the next move */ }
    },
  };
}

/* Ticked checks go along with "passed inspection" as records. */
const recordsOf = ({ checks = [] }, ticks) => checks.filter(({ id }) => ticks.has(id)).map(({ id }) => ({ check: id, result: 'pass' }));

/** The whole sheet. */
export function specView({ row, spec, events, badge, move, release, artwork, thumb, back }) {
  const { pairs, serial } = facts(row, spec);
  const ticks = ticksOf(row.specId);
  const tell = (to, more) => {
    const records = to === 'inspected' ? recordsOf(spec, ticks) : [];
    return move(to, records.length ? { ...more, records } : more);
  };
  const titles = Object.keys(row.previews ?? { [row.preview]: row.preview });
  const urls = Object.values(row.previews ?? { [row.preview]: row.preview });
  return el('div', {},
    el('div', { class: 'deskbar no-print' }, el('button', { type: 'button', class: 'button', onclick: back }, w.t('backToQueue')),
      el('button', { type: 'button', class: 'button', onclick: () => print() }, w.t('print'))),
    el('div', { class: 'spec', 'data-state': row.state },
      el('div', { class: 'wide' },
        el('h1', { tabindex: '-1' }, el('bdi', { dir: 'ltr' }, [row.orderNumber, spec.product.name, row.size, `×${spec.order.quantity.value}`].filter(Boolean).join(' · '))),
        el('p', {}, badge(row.state), ' ', row.leaseUntil && row.state === 'leased' ? el('span', { class: 'quiet' }, w.t('leaseUntil', { time: w.clock(row.leaseUntil) })) : null),
        moves(row, tell, release)),
      el('div', {},
        el('div', { class: 'pictures' }, urls.map((url, index) => el('figure', {}, picture(url, index ? '' : row.alt, '(min-width: 60rem) 18vw, 45vw'), el('figcaption', {}, titles[index].replaceAll('_', ' '))))),
        el('dl', { class: 'pairs card' }, pairs.flatMap(([key, value]) => [el('dt', {}, w.t(key)), el('dd', {}, value ?? w.t(`state_${row.state}`))]),
          el('dt', {}, w.t('serial', { serial: '' }).trim()), el('dd', {}, el('code', {}, serial))),
        el('p', { class: 'paper' }, w.t('checked'), ' ____________________  ', w.t('date'), ' ____________')),
      el('div', {}, el('section', {}, el('h2', {}, w.t('parts')), partsTable(spec)), artworkList(spec, artwork, thumb)),
      texts(spec), operations(spec, ticks),
      el('section', { class: 'wide no-print' }, el('h2', {}, w.t('choices')), el('dl', { class: 'pairs' }, spec.configuration.selections.flatMap(({ option, label }) => [el('dt', {}, option.replaceAll('_', ' ')), el('dd', {}, el('bdi', {}, label || '–'))]))),
      el('section', { class: 'wide no-print' }, el('h2', {}, w.t('history')), el('ol', { class: 'timeline' }, events.map((event, index) => el('li', { class: `done ${index === events.length - 1 ? 'current' : ''}` },
        w.t(`state_${event.to}`), event.reason && event.reason !== event.to ? ` – ${event.reason}` : '', el('time', { datetime: event.at }, w.time(event.at))))))));
}
