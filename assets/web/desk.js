/* The factory desk: the queue of one facility and, for one spec, everything needed to make it. */
import { ask, el, fetchOk, picture, sentence, uuid } from './api.js';
import { dress, w } from './chrome.js';
import './i18n-desk.js';
import { specView } from './desk-spec.js';

const LEASE_SECONDS = 1800, LIST_MS = 10000;
const OPEN = ['queued', 'leased', 'accepted', 'in_production', 'inspected', 'rework', 'packed', 'hold', 'cancel_requested'];
const main = document.querySelector('main');
const store = 'cordwain:desk';
let session = null, rows = [], filter = 'open', timer = 0, current = null;

/* ---- the key: this tab only ---- */

function recall() {
  try { return JSON.parse(sessionStorage.getItem(store)); } catch { return null; }
}

function login(message) {
  clearTimeout(timer);
  const facility = el('input', { id: 'facility', type: 'text', required: true, autocomplete: 'off', spellcheck: 'false', dir: 'ltr', value: session?.facility ?? '' });
  const key = el('input', { id: 'key', type: 'password', required: true, autocomplete: 'off', dir: 'ltr' });
  const fault = el('p', { class: 'fault', role: 'alert' }, message ?? '');
  session = null;
  main.replaceChildren(el('form', { class: 'login', onsubmit: async (event) => {
    event.preventDefault();
    session = { facility: facility.value.trim(), key: key.value.trim() };
    try {
      await load();
      sessionStorage.setItem(store, JSON.stringify(session));
      route();
    } catch (problem) {
      fault.textContent = problem.status === 401 || problem.status === 403 ? w.t('errKey') : sentence(problem, w);
    }
  } }, el('h1', {}, w.t('desk')), el('label', { for: 'facility' }, w.t('facility')), facility,
  el('label', { for: 'key' }, w.t('key')), key, el('p', { class: 'help' }, w.t('deskHelp')), fault,
  el('button', { class: 'button primary' }, w.t('enter'))));
  facility.focus();
}

const auth = () => ({ Authorization: `Bearer ${session.key}` });
const call = (url, options = {}) => ask(url, { ...options, headers: { ...auth(), ...options.headers } });

async function load() {
  rows = (await call(`/v1/facilities/${encodeURIComponent(session.facility)}/specs`)).specs;
}

/* ---- the queue ---- */

const notice = el('div', { class: 'notice', role: 'status', hidden: true });
function say(text) {
  notice.textContent = text || '';
  notice.hidden = !text;
}

const badge = (state) => el('span', { class: `badge ${['hold', 'rejected', 'cancel_requested', 'cancelled', 'rework'].includes(state) ? 'stop' : state === 'queued' ? '' : 'go'}`, 'data-state': state }, w.t(`state_${state}`));

function row(spec) {
  return el('tr', { 'data-spec': spec.specId },
    el('td', {}, picture(spec.preview, '', '72px', { loading: 'lazy' })),
    el('td', {}, el('button', { type: 'button', class: 'linkish', onclick: () => { location.hash = spec.specId; } }, el('bdi', { dir: 'ltr' }, spec.orderNumber))),
    el('td', {}, el('bdi', {}, spec.title)), el('td', {}, el('bdi', {}, spec.size || '–')), el('td', {}, w.number(spec.quantity ?? 1)),
    el('td', {}, el('time', { datetime: spec.shipBy }, w.date(spec.shipBy))), el('td', {}, badge(spec.state)));
}

function queuePage() {
  current = null;
  const visible = rows.filter(({ state }) => filter === 'all' || (filter === 'open') === OPEN.includes(state));
  const choose = el('select', { id: 'filter', onchange: () => { filter = choose.value; queuePage(); document.getElementById('filter').focus(); } },
    ['open', 'done', 'all'].map((value) => el('option', { value, selected: value === filter }, w.t(value))));
  main.replaceChildren(
    el('div', { class: 'deskbar' }, el('h1', {}, w.t('queue'), ' ', el('bdi', { class: 'quiet', dir: 'ltr' }, session.facility)),
      el('div', { class: 'actions' },
        el('button', { type: 'button', class: 'button primary', onclick: take }, w.t('takeNext')),
        el('label', { for: 'filter', class: 'hidden' }, w.t('state')), choose,
        el('button', { type: 'button', class: 'button', onclick: refresh }, w.t('refresh')),
        el('button', { type: 'button', class: 'button quiet-button', onclick: leave }, w.t('leave')))),
    notice,
    visible.length
      ? el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': w.t('queue') }, el('table', { class: 'queue' },
        el('thead', {}, el('tr', {}, ['picture', 'number', 'title', 'size', 'qty', 'shipBy', 'state'].map((key) => el('th', { scope: 'col' }, w.t(key))))),
        el('tbody', {}, visible.map(row))))
      : el('p', { class: 'quiet' }, w.t('noSpecs')));
}

function leave() {
  sessionStorage.removeItem(store);
  location.hash = '';
  login();
}

async function refresh() {
  try { await load(); say(''); } catch (problem) { failed(problem); return; }
  if (session && !current) queuePage();
}

async function take() {
  try {
    const { leases } = await call(`/v1/facilities/${encodeURIComponent(session.facility)}/leases`, { body: { max: 1, waitSeconds: 0, leaseSeconds: LEASE_SECONDS } });
    await load();
    say(leases.length ? '' : w.t('nothingQueued'));
    if (leases.length) location.hash = leases[0].specId; else queuePage();
  } catch (problem) { failed(problem); }
}

function failed(problem) {
  if (problem.status === 401 || problem.status === 403) { sessionStorage.removeItem(store); login(w.t('errKey')); return; }
  say(problem.status === 409 ? w.t('errStale') : sentence(problem, w));
}

/* ---- one spec ---- */

async function specPage(id) {
  const row = rows.find((one) => one.specId === id);
  if (!row) { location.hash = ''; return; }
  current = id;
  try {
    const [spec, history] = await Promise.all([call(`/v1/specs/${id}`), call(`/v1/specs/${id}/history`)]);
    if (current !== id) return;
    const view = specView({ row, spec, events: history.events, badge, move: (to, more) => move(row, to, more), release: () => release(row), artwork, thumb, back: () => { location.hash = ''; } });
    main.replaceChildren(notice, view);
    main.querySelector('h1')?.focus({ preventScroll: true });
  } catch (problem) { failed(problem); queuePage(); }
}

/* One event per press; the same event again when the answer was lost, so a state is never told twice. */
const untold = new Map();
async function move(row, to, more = {}) {
  const name = `${row.specId} ${row.state} ${to} ${row.fence}`;
  if (!untold.has(name)) untold.set(name, uuid());
  try {
    await call(`/v1/specs/${row.specId}/status`, { method: 'PUT', headers: { 'If-Match': `"${row.revision}"` },
      body: { fence: row.fence, from: row.state, to, eventId: untold.get(name), ...more } });
    untold.delete(name);
    say('');
  } catch (problem) {
    if (problem.status >= 400 && problem.status < 500) untold.delete(name);
    failed(problem);
  }
  await again(row.specId);
}

async function release(row) {
  try {
    await call(`/v1/leases/${row.leaseId}/release`, { body: { fence: row.fence, reason: 'given back at the desk' } });
    say('');
    location.hash = '';
  } catch (problem) { failed(problem); }
  await again(row.specId);
}

async function again(id) {
  if (!session) return;
  try { await load(); } catch (problem) { failed(problem); return; }
  if (location.hash.slice(1) === id) specPage(id); else queuePage();
}

/* The artwork needs the key, so it cannot be a plain link: fetched, then opened as a local address. */
async function artwork(url) {
  const tab = window.open('', '_blank');
  try {
    const blob = await (await fetchOk(url, { headers: auth() })).blob();
    const address = URL.createObjectURL(blob);
    if (tab) tab.location.href = address; else location.assign(address);
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  } catch (problem) { tab?.close(); failed(problem); }
}

/* A picture that needs the key, as a data address: the page's policy lets no local address into an image. */
async function thumb(url) {
  const blob = await (await fetchOk(url, { headers: auth() })).blob();
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = fail;
    reader.readAsDataURL(blob);
  });
}

/* ---- which page ---- */

function route() {
  if (!session) return;
  const id = location.hash.slice(1);
  if (id) specPage(id); else queuePage();
}

async function tick() {
  timer = setTimeout(tick, LIST_MS);
  if (!session || current || document.hidden || document.activeElement?.closest('.queue')) return;
  try { await load(); if (!current) queuePage(); } catch { /* the next press will say it */ }
}

dress(w.t('desk'), 'desk');
addEventListener('hashchange', route);
session = recall();
if (session) load().then(route, failed); else login();
timer = setTimeout(tick, LIST_MS);
main.setAttribute('aria-busy', 'false');
