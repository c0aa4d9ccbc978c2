/* <cordwain-configurator product locale market api-base design preset>: the whole configurator as one element.
   Works on any page; its styles stay inside. Tells the page: cordwain:ready, cordwain:change, cordwain:saved, cordwain:ordered. */
import { ask, el, laidOver, Problem, sentence, sized, uuid } from './api.js';
import { control, textFault } from './controls.js';
import { orderDialog, savedDialog } from './dialogs.js';
import { words } from './i18n.js';
import { repair, without } from './repair.js';
import { stage } from './stage.js';

const PICK_WAIT_MS = 60, TYPE_WAIT_MS = 300, SAY_WAIT_MS = 700;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* A draft, and the key of an order that was sent but not answered, survive a reload of this tab. */
const keep = {
  get: (name) => { try { return JSON.parse(sessionStorage.getItem(`cordwain:${name}`)); } catch { return null; } },
  set: (name, value) => { try { if (value) sessionStorage.setItem(`cordwain:${name}`, JSON.stringify(value)); else sessionStorage.removeItem(`cordwain:${name}`); } catch { /* full or refused: only this page's life */ } },
};

class CordwainConfigurator extends HTMLElement {
  #root = this.attachShadow({ mode: 'open' });
  #w; #base; #product; #options = new Map(); #controls = new Map(); #stage;
  #picks = {}; #answer = null;
  #typed = {}; #faults = {}; #held = new Map(); #fixable = new Set(); /* held: texts that wait to be mended, with why */
  #preset = ''; #past = null; #pendingOrder = null;
  #known = null; /* the last answer to a click: the next one is told since it */
  #turn = null; #timer = 0; #sayTimer = 0; #last = null;
  #ui = {};

  /** The checked configuration as the server last told it. */
  get configuration() { return this.#answer; }
  get selections() { return { ...this.#picks }; }

  connectedCallback() {
    if (this.#product || this.#root.childNodes.length) return;
    this.#w = words(this.getAttribute('locale') || document.documentElement.lang);
    this.#base = (this.getAttribute('api-base') || '').replace(/\/$/, '');
    this.lang = this.#w.locale;
    this.dir = this.#w.dir;
    this.#start();
  }

  async #start() {
    const sheets = ['style.css', 'configurator.css'].map((name) => el('link', { rel: 'stylesheet', href: new URL(name, import.meta.url).href }));
    const styled = Promise.all(sheets.map((sheet) => new Promise((done) => { sheet.onload = done; sheet.onerror = done; })));
    this.#root.replaceChildren(...sheets);
    try {
      const id = this.getAttribute('product');
      const design = this.getAttribute('design') && await ask(`${this.#base}/v1/designs/${encodeURIComponent(this.getAttribute('design'))}`);
      const version = design ? `@${design.version}` : '';
      this.#product = await ask(`${this.#base}/v1/products/${encodeURIComponent(id)}${version}?locale=${this.#w.locale}`);
      this.#pendingOrder = keep.get('order');
      this.#product.options = this.#product.options.filter((option) => !option.derived); /* nobody picks those */
      for (const option of this.#product.options) this.#options.set(option.id, option);
      const draft = keep.get(`draft:${id}`);
      const preset = this.#product.presets.find((one) => one.id === this.getAttribute('preset'));
      if (design) this.#picks = this.#departures(design.selections);
      else if (preset) { this.#picks = { ...preset.selections }; this.#preset = preset.id; }
      else if (draft?.version === this.#product.version) this.#picks = draft.picks;
      await styled;
      this.#build();
      this.#tell('ready', { product: id, title: this.#product.title });
      await this.#update();
    } catch (problem) {
      await styled;
      this.#fail(problem, () => this.#start());
    }
  }

  /* A saved design names every option. What equals the default is left free, so that changes stay easy. */
  #departures(selections) {
    return Object.fromEntries(Object.entries(selections).filter(([id, value]) => this.#options.has(id) && !same(value, this.#options.get(id).default) && value !== ''));
  }

  // ---- building ------------------------------------------------------------------------------

  #build() {
    const { t } = this.#w, ui = this.#ui, product = this.#product;
    const ctx = {
      w: this.#w, base: this.#base, currency: product.currency,
      reason: (key) => this.#answer?.reasons?.[key]?.message,
      reasonId: (key) => `why-${key}`,
      groupTitle: (group) => this.#titleOfGroup(group),
      pick: (option, value) => this.#pick(option, value),
      type: (option, value) => this.#type(option, value),
      repair: (option, value) => this.#repair(option, value),
      look: (option) => this.#look(option),
    };
    for (const option of product.options) this.#controls.set(option.id, control(option, ctx));
    this.#stage = stage(product.views, this.#w, this.#base);
    const used = product.groups.filter((group) => product.options.some((option) => option.group === group.id));
    const loose = product.options.filter((option) => !used.some((group) => group.id === option.group));
    ui.steps = [];
    if (product.presets.length) ui.steps.push({ id: 'presets', title: t('presets'), nodes: [el('p', { class: 'help' }, t('presetsHelp')), this.#presetList()], options: [] });
    for (const group of used) ui.steps.push({ ...group, options: product.options.filter((option) => option.group === group.id) });
    if (loose.length) ui.steps.push({ id: 'other', title: t('choices'), options: loose });
    for (const [index, step] of ui.steps.entries()) this.#buildStep(step, index);
    ui.status = el('p', { class: 'hidden', role: 'status' });
    ui.notice = el('div', { class: 'notice', hidden: true });
    ui.advice = el('div', { class: 'advice', hidden: true });
    ui.reasons = el('div', { hidden: true });
    ui.problem = el('div', { class: 'error', role: 'alert', hidden: true });
    this.#root.append(el('div', { class: 'layout' }, this.#stage.node,
      el('div', { class: 'panel' },
        el('div', { class: 'title' }, el('h1', {}, product.title), el('button', { type: 'button', class: 'button quiet-button', onclick: () => this.#reset() }, t('startAgain'))),
        el('nav', { class: 'steps', 'aria-label': t('steps') }, el('ol', {}, ui.steps.map((step) => el('li', {}, step.button)))),
        ui.problem, ui.notice, ui.advice, ui.steps.map((step) => step.node), this.#bar())),
      ui.reasons, ui.status);
    this.#goto(0, { focus: false });
  }

  #buildStep(step, index) {
    const { t } = this.#w, { steps } = this.#ui;
    step.button = el('button', { type: 'button', onclick: () => this.#goto(index, {}) }, step.title);
    step.heading = el('h2', { tabindex: '-1', class: 'hidden' }, step.title);
    step.node = el('section', { class: 'step', hidden: true }, step.heading,
      ...(step.nodes || []), step.options.map((option) => this.#controls.get(option.id).node), step.pager = el('div', { class: 'pager' }));
    queueMicrotask(() => {
      const pass = (by, text) => steps[index + by] && el('button', { type: 'button', class: by > 0 ? 'button next' : 'button', onclick: () => this.#goto(index + by, { focus: true }) }, text(steps[index + by]));
      step.pager.append(...[pass(-1, () => t('back')), pass(1, (other) => t('next', { name: other.title }))].filter(Boolean));
    });
  }

  #presetList() {
    this.#ui.presets = new Map();
    return el('ul', { class: 'presets' }, this.#product.presets.map((preset) => {
      const button = el('button', { type: 'button', 'aria-pressed': 'false', onclick: () => this.#takePreset(preset) },
        preset.preview ? el('img', { alt: '', loading: 'lazy', width: '160', height: '160', src: sized(this.#base + preset.preview, 320) }) : null, el('span', {}, preset.title));
      this.#ui.presets.set(preset.id, button);
      return el('li', {}, button);
    }));
  }

  #bar() {
    const { t } = this.#w, ui = this.#ui;
    ui.price = el('strong', { class: 'price' });
    ui.date = el('span', { class: 'date' });
    ui.lines = el('dl', { class: 'lines' });
    ui.save = el('button', { type: 'button', class: 'button', onclick: () => this.save() }, t('save'));
    ui.order = el('button', { type: 'button', class: 'button primary', onclick: () => this.order() }, t('order'));
    return el('div', { class: 'bar' },
      el('details', { class: 'sum' }, el('summary', {}, el('span', { class: 'hidden' }, t('priceDetails')), ui.price, ui.date), ui.lines),
      el('div', { class: 'actions' }, ui.save, ui.order));
  }

  #titleOfGroup(group) {
    for (const option of this.#product.options) {
      const choice = option.choices?.find((one) => one.id === group && one.group !== group);
      if (choice) return choice.title;
    }
    return group ?? '';
  }

  #goto(index, { focus }) {
    const { steps } = this.#ui;
    for (const [i, step] of steps.entries()) {
      step.node.hidden = i !== index;
      if (i === index) step.button.setAttribute('aria-current', 'step'); else step.button.removeAttribute('aria-current');
    }
    if (focus === undefined) return;
    if (focus) { steps[index].heading.focus({ preventScroll: true }); steps[index].button.closest('nav').scrollIntoView({ block: 'start' }); }
    steps[index].button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  // ---- changing ------------------------------------------------------------------------------

  #set(id, value) {
    this.#picks = without(this.#picks, [id]);
    if (value !== undefined && value !== '') this.#picks[id] = value;
    this.#preset = '';
    for (const one of [id, ...this.#fixable]) this.#held.delete(one);
    this.#fixable.clear();
    this.#last = id;
  }

  #pick(option, value) {
    this.#set(option.id, value);
    this.#notice('');
    this.#look(option);
    this.#later(PICK_WAIT_MS);
  }

  #type(option, value) {
    this.#typed[option.id] = value;
    this.#set(option.id, typeof value === 'string' ? value.trim() : value);
    const fault = textFault(option, String(value), this.#w);
    if (fault) this.#held.set(option.id, [fault]);
    this.#later(TYPE_WAIT_MS);
  }

  #takePreset(preset) {
    this.#past = this.#picks;
    this.#typed = {};
    this.#held.clear();
    this.#picks = { ...preset.selections };
    this.#preset = preset.id;
    this.#last = null;
    this.#notice('');
    this.#later(0);
  }

  #reset() {
    this.#past = this.#picks;
    this.#typed = {};
    this.#held.clear();
    this.#picks = {};
    this.#preset = '';
    this.#notice(this.#w.t('reset'), true);
    this.#later(0);
  }

  #undo() {
    if (!this.#past) return;
    [this.#picks, this.#past] = [this.#past, null];
    this.#typed = {};
    this.#held.clear();
    this.#notice('');
    this.#later(0);
  }

  /* Views are named after what they show: heel_text, heel_tab_colour belong to the view "heel". */
  #look(option) {
    this.#stage.look(option.surface);
    this.#stage.look(option.id.split('_')[0]);
  }

  /* Take a choice that does not go with the others, and say what had to give way. */
  async #repair(option, value) {
    const before = this.#picks;
    try {
      const picks = await repair({ probe: (selections, ask) => this.#probe(selections, { ask }), picks: before, option, value, shown: this.#answer.options[option.id]?.value });
      if (!picks) { this.#notice(this.#w.t('cannotSwitch')); return; }
      const lost = Object.keys(before).filter((id) => id !== option.id && !same(before[id], picks[id]));
      this.#past = before;
      this.#picks = picks;
      this.#preset = '';
      this.#last = option.id;
      this.#held.clear();
      this.#fixable.clear();
      for (const id of lost) delete this.#typed[id];
      if (lost.length) this.#notice(this.#w.t('switched', { names: this.#w.list(lost.map((id) => this.#options.get(id).title)) }), true);
      await this.#update();
    } catch (problem) {
      this.#fail(problem, () => this.#repair(option, value));
    }
  }

  // ---- asking --------------------------------------------------------------------------------

  #probe(selections, { quantity, signal, since, ask: questions } = {}) {
    const market = this.getAttribute('market') || undefined;
    return ask(`${this.#base}/v1/products/${this.#product.id}@${this.#product.version}/configure`,
      { body: { selections, since, locale: this.#w.locale, market, quantity, ask: questions }, signal });
  }

  /* A click: the answer holds what it changes, which is mostly little. */
  async #click(selections, { signal }) {
    const known = this.#known, answer = await this.#probe(selections, { signal, since: known?.answer ?? '' });
    return this.#known = laidOver(known, answer);
  }

  /* The answer on its way is one of before: painting it would put back what was just changed. */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#turn?.abort();
    this.#timer = setTimeout(() => this.#update(), wait);
  }

  async #update() {
    clearTimeout(this.#timer);
    this.#turn?.abort();
    const turn = this.#turn = new AbortController();
    try {
      let answer;
      for (let i = 0; ; i++) {
        try {
          answer = await this.#click(without(this.#picks, [...this.#held.keys()]), turn);
        } catch (problem) {
          if (problem.status !== 422 || i > 8 || !this.#refuse(problem)) throw problem;
          continue;
        }
        if (answer.consistent || i > 8 || !this.#conflict(answer)) break;
      }
      if (turn.signal.aborted) return false;
      const faults = Object.fromEntries(this.#held);
      for (const issue of answer.issues) if (issue.option && issue.severity === 'error') (faults[issue.option] ??= []).push(issue.message);
      this.#adopt(answer, faults);
      return true;
    } catch (problem) {
      if (problem.name !== 'AbortError') this.#fail(problem, () => this.#update());
      return false;
    }
  }

  /* Values the server will not read: hold back a text until it is mended, drop anything else. */
  #refuse(problem) {
    let any = false;
    for (const { pointer, message } of problem.errors) {
      const id = pointer.split('/')[2], option = this.#options.get(id);
      if (!(id in this.#picks)) continue;
      any = true;
      if (option?.kind === 'text' || option?.kind === 'number') this.#held.set(id, [...(this.#held.get(id) ?? []), message]);
      else this.#picks = without(this.#picks, [id]);
    }
    return any;
  }

  /* Two picks that exclude each other: a text waits and can be switched to, another pick gives way. */
  #conflict(answer) {
    const ids = Object.keys(this.#picks).filter((id) => !this.#held.has(id));
    const named = answer.issues.map((issue) => issue.option).filter((id) => ids.includes(id));
    const texts = ids.filter((id) => this.#options.get(id)?.kind === 'text');
    const latest = this.#last && ids.includes(this.#last) ? this.#last : named.at(-1) ?? ids.at(-1);
    const id = texts.includes(latest) ? latest : named.find((one) => texts.includes(one)) ?? latest;
    if (id === undefined) return false;
    const messages = answer.issues.filter((issue) => issue.severity === 'error').map((issue) => issue.message);
    if (texts.includes(id)) { this.#held.set(id, messages); this.#fixable.add(id); this.#typed[id] ??= this.#picks[id]; }
    else { this.#picks = without(this.#picks, [id]); this.#notice(messages[0] || this.#w.t('inconsistent')); }
    return true;
  }

  // ---- showing -------------------------------------------------------------------------------

  #adopt(answer, faults) {
    const before = this.#answer, ui = this.#ui;
    this.#answer = answer;
    this.#faults = faults;
    ui.problem.hidden = true;
    ui.reasons.replaceChildren(...Object.entries(answer.reasons).map(([key, reason]) => el('p', { id: `why-${key}` }, reason.message)));
    for (const [id, item] of this.#controls) {
      item.node.hidden = answer.options[id]?.active === false;
      item.paint(answer.options[id], this.#root, { typed: this.#typed[id], faults: faults[id] ?? [], fixable: this.#fixable.has(id) });
    }
    const advice = answer.issues.filter((issue) => issue.severity === 'warning').map((issue) => issue.message);
    ui.advice.hidden = !advice.length;
    if (ui.advice.textContent !== advice.join('')) ui.advice.replaceChildren(...advice.map((text) => el('p', { role: 'status' }, text)));
    for (const step of ui.steps) step.button.classList.toggle('faulty', step.options.some((option) => faults[option.id]));
    for (const [id, button] of ui.presets ?? []) button.setAttribute('aria-pressed', String(id === this.#preset));
    this.#paintPrice(answer);
    this.#stage.show(answer.previews, answer.alt);
    keep.set(`draft:${this.#product.id}`, { version: this.#product.version, picks: this.#picks });
    this.#say(before);
    this.#tell('change', { selections: answer.completion, price: answer.price, lead: answer.lead, alt: answer.alt, previews: answer.previews, issues: answer.issues, consistent: answer.consistent, complete: answer.complete });
  }

  #paintPrice({ price, lead, configurations }) {
    const ui = this.#ui, w = this.#w;
    ui.price.textContent = w.money(price.total, price.currency);
    ui.date.textContent = lead.shipBy ? w.t('shipsBy', { date: w.date(lead.shipBy) }) : '';
    ui.lines.replaceChildren(...price.lines.flatMap((line) => [el('dt', {}, line.title), el('dd', {}, w.money(line.amount, price.currency))]),
      el('dt', { class: 'total' }, w.t('total')), el('dd', { class: 'total' }, w.money(price.total, price.currency)),
      ...(configurations ? [el('dt', { class: 'left' }, w.t('possibilities')), el('dd', { class: 'left' }, w.count(configurations))] : []));
  }

  #valueText(id) {
    const option = this.#options.get(id), value = this.#answer.options[id]?.value;
    if (option.choices) return [value].flat().map((one) => option.choices.find((choice) => choice.id === one)?.title).filter(Boolean).join(', ') || this.#w.t('none');
    if (typeof value === 'boolean') return this.#w.t(value ? 'yes' : 'no');
    if (option.kind === 'artwork') return this.#w.t(value ? 'yes' : 'none');
    return value === undefined || value === '' ? this.#w.t('none') : String(value);
  }

  /* One polite sentence per pause, never one per picture. */
  #say(before) {
    clearTimeout(this.#sayTimer);
    this.#sayTimer = setTimeout(() => {
      const { t, money, date } = this.#w, { price, lead } = this.#answer, parts = [];
      if (this.#last) parts.push(this.#faults[this.#last]?.join(' ') ?? t('said', { what: this.#options.get(this.#last).title, value: this.#valueText(this.#last) }));
      if (!before || before.price.total !== price.total || this.#last) parts.push(t('saidPrice', { price: money(price.total, price.currency) }));
      if (lead.shipBy) parts.push(`${t('shipsBy', { date: date(lead.shipBy) })}.`);
      this.#ui.status.textContent = parts.join(' ');
    }, SAY_WAIT_MS);
  }

  #notice(text, undo) {
    const { notice } = this.#ui;
    notice.hidden = !text;
    notice.replaceChildren(...(text ? [el('p', { role: 'status' }, text)] : []),
      ...(text && undo ? [el('button', { type: 'button', class: 'button small', onclick: () => this.#undo() }, this.#w.t('undo'))] : []));
  }

  #fail(problem, again) {
    const text = problem instanceof Problem ? sentence(problem, this.#w) : String(problem.message || problem);
    const box = this.#ui.problem ?? el('div', { class: 'error', role: 'alert' });
    const retry = problem.status === 404 ? null : el('button', { type: 'button', class: 'button small', onclick: () => { box.hidden = true; again(); } }, this.#w.t('retry'));
    box.replaceChildren(el('p', {}, text), ...(retry ? [retry] : []));
    box.hidden = false;
    if (!box.isConnected) this.#root.append(box);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`cordwain:${name}`, { detail, bubbles: true, composed: true }));
  }

  // ---- saving and ordering -------------------------------------------------------------------

  /* What was shown is what is saved: the completion, not the picks. */
  #ready() {
    const wrong = Object.keys(this.#faults);
    if (this.#answer && !wrong.length && this.#answer.consistent) return true;
    this.#notice(this.#w.t(wrong.length ? 'mended' : 'inconsistent'));
    const index = this.#ui.steps.findIndex((step) => step.options.some((option) => wrong.includes(option.id)));
    if (index >= 0) {
      this.#goto(index, {});
      this.#controls.get(wrong[0]).node.querySelector('input')?.focus();
    }
    return false;
  }

  async #settled() {
    if (!this.#answer) return false;
    return await this.#update() && this.#ready();
  }

  async save() {
    if (!(await this.#settled())) return;
    const { save } = this.#ui, { t } = this.#w;
    save.textContent = t('saving');
    try {
      const design = await ask(`${this.#base}/v1/designs`, { body: { product: this.#product.id, version: this.#product.version, selections: this.#answer.completion, locale: this.#w.locale, market: this.getAttribute('market') || undefined } });
      const link = new URL(design.share, new URL(this.#base || '/', location.href)).href;
      this.#tell('saved', { ...design, link });
      savedDialog(this.#root, this.#w, link, design.title);
    } catch (problem) {
      this.#fail(problem, () => this.save());
    }
    save.textContent = t('save');
  }

  async order() {
    if (!(await this.#settled())) return;
    const { completion, alt } = this.#answer;
    const texts = this.#product.options.filter((option) => option.kind === 'text' && completion[option.id]).map((option) => ({ title: option.title, text: completion[option.id] }));
    const told = (problem) => (problem instanceof Problem ? sentence(problem, this.#w) : String(problem.message));
    orderDialog(this.#root, this.#w, {
      alt, texts,
      quote: async (quantity) => {
        try {
          const { price, lead } = await this.#probe(completion, { quantity });
          return { total: price.total, currency: price.currency, shipBy: lead.shipBy };
        } catch (problem) { throw told(problem); }
      },
      place: (quantity, total) => this.#place(completion, quantity, total).catch((problem) => { throw told(problem); }),
    });
  }

  /* The key stays with this order until it is answered: pressing again, or reloading, never orders twice. */
  async #place(selections, quantity, expectedTotal) {
    const body = { product: this.#product.id, version: this.#product.version, selections, quantity, locale: this.#w.locale, market: this.getAttribute('market') || undefined, expectedTotal };
    const text = JSON.stringify(body);
    if (this.#pendingOrder?.text !== text) this.#pendingOrder = { text, key: uuid() };
    keep.set('order', this.#pendingOrder);
    try {
      const order = await ask(`${this.#base}/v1/orders`, { body, headers: { 'Idempotency-Key': `"${this.#pendingOrder.key}"` } });
      this.#pendingOrder = null;
      keep.set('order', null);
      this.#tell('ordered', order);
    } catch (problem) {
      const answered = problem.status >= 400 && problem.status < 500 && problem.status !== 429 && problem.code !== 'idempotency.running';
      if (answered) { this.#pendingOrder = null; keep.set('order', null); }
      throw problem;
    }
  }
}

customElements.define('cordwain-configurator', CordwainConfigurator);
