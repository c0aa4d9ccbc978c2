/* One control per option: builds native inputs once, then paints what the answer says about them.
   A choice that is impossible stays reachable (aria-disabled), says why, and offers to switch anyway. */
import { el } from './api.js';
import { pictureControl } from './picture.js';

const BLOCKED = new Set(['impossible', 'unavailable']);
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;
export const graphemes = (text) => (segmenter ? [...segmenter.segment(text)].length : [...text].length);

/** What can be said about a text without asking: its length and its letters. Null when nothing is wrong. */
export function textFault(option, text, w) {
  if (option.kind !== 'text') return null;
  if (graphemes(text.trim()) > option.maxGraphemes) return w.t('tooLong', { max: w.number(option.maxGraphemes) });
  if (!option.scripts?.length) return null;
  const allowed = new RegExp(`^[\\p{sc=Common}\\p{sc=Inherited}${option.scripts.map((script) => `\\p{scx=${script}}`).join('')}]*$`, 'u');
  return allowed.test(text) ? null : w.t('wrongScript', { scripts: w.list(option.scripts.map(w.script)) });
}

/* The place under a control that tells why a choice cannot be had now. */
function reasonBox(ctx, repair) {
  const text = el('p', {});
  const button = el('button', { type: 'button', class: 'button small', onclick: () => repair() }, ctx.w.t('switchAnyway'));
  const node = el('div', { class: 'why', hidden: true }, text, button);
  return {
    node,
    hide: () => { node.hidden = true; },
    /* Stands right under the row of the choice it speaks of. */
    show(message, pinned, row) {
      if (row && node.previousElementSibling !== row) row.after(node);
      text.textContent = message;
      button.hidden = pinned !== 'switch';
      node.classList.toggle('pinned', Boolean(pinned));
      node.hidden = false;
      if (pinned) node.scrollIntoView({ block: 'nearest' });
    },
  };
}

/* What radios and checkboxes of choices have in common. `items` maps choice id to {input, label, choice}. */
function choiceBase(option, ctx, type) {
  const items = new Map();
  let pinned = null, answer = null;
  const why = reasonBox(ctx, () => { const id = pinned; pinned = null; why.hide(); ctx.repair(option, id); });
  const current = el('span', { class: 'current' });
  const state = (id) => answer?.choices?.[id]?.state;
  const reason = (id) => base.limit(id) || ctx.reason(answer?.choices?.[id]?.reason) || ctx.w.t('notAvailable');
  const blocked = (id) => BLOCKED.has(state(id)) || Boolean(base.limit(id));
  const rowOf = (id) => items.get(id).label.closest('.chips, .tiles');

  function hint(id) {
    const { choice } = items.get(id);
    const delta = answer?.choices?.[id]?.delta;
    current.textContent = choice.title + (delta ? ` ${ctx.w.delta(delta, ctx.currency)}` : '');
    if (blocked(id) && pinned === null) why.show(reason(id), null, rowOf(id));
  }

  function unhint() {
    base.name();
    if (pinned === null) why.hide();
  }

  function make(choice) {
    const input = el('input', { type, name: option.id, value: choice.id, onchange: () => changed(choice.id) });
    const price = el('span', { class: 'delta' });
    const face = choice.swatch
      ? [el('span', { class: 'chip', 'aria-hidden': 'true' }), el('span', { class: 'hidden' }, choice.title)]
      : [el('span', { class: 'face' }, el('span', { class: 'title' }, choice.title), choice.help ? el('span', { class: 'help' }, choice.help) : null, price)];
    const label = el('label', { class: choice.swatch ? 'swatch' : 'tile' }, input, face);
    if (choice.swatch) label.querySelector('.chip').style.setProperty('--chip', choice.swatch);
    label.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') hint(choice.id); });
    label.addEventListener('pointerleave', unhint);
    input.addEventListener('focus', () => hint(choice.id));
    input.addEventListener('blur', unhint);
    items.set(choice.id, { input, label, choice, price });
    return label;
  }

  function changed(id) {
    if (blocked(id)) {
      base.revert(id);
      pinned = id;
      why.show(reason(id), state(id) === 'impossible' && !base.limit(id) ? 'switch' : 'only', rowOf(id));
      return;
    }
    pinned = null;
    why.hide();
    base.pick(id);
  }

  const base = {
    items, current, why, make, blocked,
    name() {}, revert() {}, pick() {},
    limit: () => null, /* our own reason against a choice, beside the server's */
    paint(next) {
      answer = next;
      for (const [id, { input, label, price }] of items) {
        const off = blocked(id), key = answer?.choices?.[id]?.reason, delta = answer?.choices?.[id]?.delta;
        input.toggleAttribute('aria-disabled', false);
        if (off) input.setAttribute('aria-disabled', 'true');
        if (off && key) input.setAttribute('aria-describedby', ctx.reasonId(key));
        else input.removeAttribute('aria-describedby');
        label.classList.toggle('impossible', off);
        price.textContent = delta && !off ? ctx.w.delta(delta, ctx.currency) : '';
      }
      if (pinned !== null && !blocked(pinned)) { pinned = null; why.hide(); }
      base.name();
    },
  };
  return base;
}

function fieldset(option, ctx, current, ...content) {
  return el('fieldset', { class: 'option', 'data-option': option.id },
    el('legend', {}, el('span', { class: 'name' }, option.title), ' ', current),
    option.help ? el('p', { class: 'help' }, option.help) : null, ...content);
}

/* Colours that belong to a material: its own first, the others under a fold. */
function groupedBody(option, ctx, base) {
  const boxes = new Map();
  for (const choice of option.choices) {
    if (!boxes.has(choice.group)) {
      const note = el('p', { class: 'group-name' }), chips = el('div', { class: 'chips' });
      boxes.set(choice.group, { note, chips, node: el('div', { class: 'group' }, note, chips), ids: [] });
    }
    const box = boxes.get(choice.group);
    box.chips.append(base.make(choice));
    box.ids.push(choice.id);
  }
  const first = el('div', {}), summary = el('summary', {}), others = el('div', { class: 'others' });
  const more = el('details', { class: 'more' }, summary, others);
  const paint = (value, root) => {
    const own = option.choices.find((choice) => choice.id === value)?.group ?? option.choices[0].group;
    const focused = root.activeElement;
    for (const [group, box] of boxes) {
      const place = group === own ? first : others;
      if (box.node.parentNode !== place) place.append(box.node);
      const impossible = box.ids.every(base.blocked);
      box.node.classList.toggle('off', impossible);
      box.note.textContent = group === own ? '' : ctx.groupTitle(group);
    }
    const names = [...boxes.keys()].filter((group) => group !== own).map(ctx.groupTitle);
    summary.textContent = ctx.w.t('moreWith', { names: ctx.w.list(names) });
    if (focused && root.activeElement !== focused) focused.focus({ preventScroll: true });
  };
  return { nodes: [first, more], paint };
}

function choiceControl(option, ctx) {
  const base = choiceBase(option, ctx, 'radio');
  const groups = new Set(option.choices.map((choice) => choice.group));
  const grouped = groups.size > 1 ? groupedBody(option, ctx, base) : null;
  const swatches = option.choices.every((choice) => choice.swatch);
  const body = grouped ? grouped.nodes : [el('div', { class: swatches ? 'chips' : option.choices.length % 2 ? 'tiles' : 'tiles pairwise' }, option.choices.map(base.make))];
  let value = null;
  const mark = () => { for (const [id, { input }] of base.items) input.checked = id === value; };
  base.name = () => { base.current.textContent = base.items.get(value)?.choice.title ?? ''; };
  base.revert = mark;
  base.pick = (id) => { value = id; base.name(); ctx.pick(option, id); };
  return {
    node: fieldset(option, ctx, base.current, ...body, base.why.node),
    paint(answer, root) {
      value = answer?.value ?? null;
      grouped?.paint(value, root);
      base.paint(answer);
      mark();
    },
  };
}

function multiControl(option, ctx) {
  const base = choiceBase(option, ctx, 'checkbox');
  let value = [];
  const mark = () => { for (const [id, { input }] of base.items) input.checked = value.includes(id); };
  base.revert = mark;
  base.limit = (id) => (value.length >= option.max && !value.includes(id) ? ctx.w.t('atMost', { max: ctx.w.number(option.max) }) : null);
  base.pick = (id) => ctx.pick(option, value.includes(id) ? value.filter((one) => one !== id) : [...value, id]);
  return {
    node: fieldset(option, ctx, el('span', { class: 'quiet' }, ctx.w.t('optional')), el('div', { class: 'tiles' }, option.choices.map(base.make)), base.why.node),
    paint(answer) { value = answer?.value ?? []; base.paint(answer); mark(); },
  };
}

function flagControl(option, ctx) {
  const choice = { id: 'true', title: option.title, help: option.help };
  const base = choiceBase(option, ctx, 'checkbox');
  let value = false, blockedOff = false;
  const mark = () => { base.items.get('true').input.checked = value; };
  const tile = base.make(choice);
  base.revert = mark;
  base.pick = () => { if (value && blockedOff) { mark(); return; } ctx.pick(option, !value); };
  return {
    node: el('div', { class: 'option flag', 'data-option': option.id }, el('div', { class: 'tiles' }, tile), base.why.node),
    paint(answer) {
      value = answer?.value === true;
      blockedOff = BLOCKED.has(answer?.choices?.false?.state);
      base.paint(answer);
      mark();
      const delta = answer?.choices?.true?.delta ?? (value ? 0 : option.price);
      base.items.get('true').price.textContent = delta ? ctx.w.delta(delta, ctx.currency) : '';
    },
  };
}

/* A text or a number: a field with its limits and what is wrong with it. */
function fieldControl(option, ctx) {
  const id = `f-${option.id}`, text = option.kind === 'text';
  const count = el('p', { class: 'count', id: `${id}-count` });
  const fault = el('p', { class: 'fault', id: `${id}-fault` });
  const fix = el('button', { type: 'button', class: 'button small', hidden: true, onclick: () => ctx.repair(option, input.value) }, ctx.w.t('switchAnyway'));
  const digits = text && option.pattern?.includes('[0-9]') ? 'numeric' : null;
  const input = el('input', {
    id, type: text ? 'text' : 'number', dir: text ? 'auto' : null, autocomplete: 'off', spellcheck: 'false', inputmode: digits,
    min: option.min?.toString(), max: option.max?.toString(), step: option.step?.toString(), 'aria-describedby': `${id}-count ${id}-fault`,
    oninput: () => { tell(); ctx.type(option, text ? input.value : Number(input.value)); },
    onfocus: () => ctx.look(option),
  });
  const hints = [];
  if (text && option.price) hints.push(ctx.w.delta(option.price, ctx.currency));
  if (text && option.scripts?.length) hints.push(ctx.w.t('letters', { scripts: ctx.w.list(option.scripts.map(ctx.w.script)) }));
  if (!text && option.unit) hints.push(option.unit);
  function tell() {
    const n = graphemes(input.value);
    if (text) count.textContent = ctx.w.t('counter', { n: ctx.w.number(n), max: ctx.w.number(option.maxGraphemes) });
    count.classList.toggle('over', text && n > option.maxGraphemes);
  }
  tell();
  return {
    node: el('div', { class: 'option field', 'data-option': option.id },
      el('label', { for: id }, el('span', { class: 'name' }, option.title), option.required ? null : el('span', { class: 'quiet' }, ctx.w.t('optional'))),
      option.help ? el('p', { class: 'help' }, option.help) : null,
      el('div', { class: 'entry' }, input, text ? count : null),
      hints.length ? el('p', { class: 'help' }, hints.join(' · ')) : null,
      el('div', { class: 'faults' }, fault, fix)),
    paint(answer, root, { typed, faults, fixable }) {
      const value = typed ?? answer?.value ?? '';
      if (input.value !== String(value) && !(root.activeElement === input && typed !== undefined)) input.value = value;
      fault.textContent = faults.join(' ');
      fix.hidden = !fixable;
      input.setAttribute('aria-invalid', faults.length ? 'true' : 'false');
      tell();
    },
  };
}

/** The control of an option: {node, paint(answer, shadowRoot, {typed, faults, fixable})}. */
export function control(option, ctx) {
  const makers = { choice: choiceControl, multi: multiControl, flag: flagControl, text: fieldControl, number: fieldControl, artwork: pictureControl };
  return makers[option.kind](option, ctx);
}
