/* The API reference, read from the description the server itself serves. */
import { ask, el, sentence } from './api.js';
import { dress, w } from './chrome.js';
import './i18n-desk.js';

const VERBS = ['get', 'head', 'post', 'put', 'patch', 'delete'];
const main = document.querySelector('main');
let api = null;

/* Follow a local reference; unknown ones stay as they are. */
function resolve(node, depth = 0) {
  if (!node?.$ref || depth > 8) return node ?? {};
  const target = node.$ref.startsWith('#/') && node.$ref.slice(2).split('/').reduce((at, name) => at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], api);
  return target ? resolve(target, depth + 1) : node;
}

const nameOf = (schema) => schema?.$ref?.split('/').pop();

function typeText(schema) {
  if (!schema) return '';
  if (schema.$ref) return nameOf(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return `${typeText(schema.items) || 'any'}[]`;
  const variants = schema.oneOf || schema.anyOf;
  if (variants) return variants.map(typeText).join(' | ');
  const bounds = [schema.minimum !== undefined && `≥ ${schema.minimum}`, schema.maximum !== undefined && `≤ ${schema.maximum}`, schema.maxLength !== undefined && `≤ ${schema.maxLength} chars`].filter(Boolean).join(', ');
  return [[schema.type].flat().filter(Boolean).join(' | ') || 'any', bounds && `(${bounds})`].filter(Boolean).join(' ');
}

/* Paragraphs, with `code` and nothing else of Markdown. */
function prose(text) {
  return String(text || '').split(/\n{2,}/).filter(Boolean).map((part) =>
    el('p', {}, part.split(/(`[^`]+`)/).map((piece) => (/^`.*`$/.test(piece) ? el('code', {}, piece.slice(1, -1)) : piece))));
}

function table(rows, label) {
  return rows.length === 0 ? null : el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, el('table', {}, el('tbody', {}, rows.map(([name, type, text]) =>
    el('tr', {}, el('td', {}, el('code', {}, name)), el('td', {}, el('code', {}, type)), el('td', {}, prose(text)))))));
}

function schemaRows(schema) {
  const real = resolve(schema), needed = new Set(real.required ?? []);
  return Object.entries(real.properties ?? {}).map(([name, property]) =>
    [name + (needed.has(name) ? ' *' : ''), typeText(property), resolve(property).description ?? property.description]);
}

const json = (value) => el('pre', { tabindex: '0' }, el('code', {}, typeof value === 'string' ? value : JSON.stringify(value, null, 2)));

function exampleOf(media) {
  const example = media?.example ?? Object.values(media?.examples ?? {})[0]?.value ?? resolve(media?.schema).example;
  return example === undefined ? null : json(example);
}

function content(body, title) {
  return Object.entries(body?.content ?? {}).map(([type, media]) => el('div', {}, el('h4', {}, `${title} · ${type} ${nameOf(media.schema) ?? ''}`),
    prose(body.description), table(schemaRows(media.schema), title), exampleOf(media)));
}

function answers(responses = {}) {
  return el('details', {}, el('summary', {}, `${w.t('answers')}: ${Object.keys(responses).join(', ')}`),
    Object.entries(responses).map(([status, reference]) => {
      const response = resolve(reference);
      return el('div', {}, el('h4', {}, el('code', {}, status), ` ${response.description ?? ''}`), content({ content: response.content }, w.t('body')));
    }));
}

const anchor = (verb, path) => `${verb}-${path}`.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, '');

function operation(path, verb, item) {
  const it = item[verb], body = resolve(it.requestBody);
  const parameters = [...(item.parameters ?? []), ...(it.parameters ?? [])].map((parameter) => resolve(parameter));
  return el('section', { class: 'operation', id: anchor(verb, path) },
    el('h3', {}, el('span', { class: `verb ${verb}` }, verb.toUpperCase()), path),
    it.summary ? el('p', {}, el('strong', {}, it.summary)) : null, prose(it.description),
    parameters.length ? el('div', {}, el('h4', {}, w.t('parameters')), table(parameters.map((one) => [one.name + (one.required ? ' *' : ''), `${one.in} · ${typeText(one.schema)}`, one.description]), w.t('parameters'))) : null,
    content(body, w.t('body')), it.responses ? answers(it.responses) : null);
}

function documents() {
  const schemas = Object.entries(api.components?.schemas ?? {});
  if (!schemas.length) return null;
  return el('section', {}, el('h2', { id: 'schemas' }, w.t('schemas')), schemas.map(([name, schema]) =>
    el('details', { id: `schema-${name}` }, el('summary', {}, name), prose(schema.description), table(schemaRows(schema), name), Object.keys(schema.properties ?? {}).length ? null : json(schema))));
}

function grouped() {
  const groups = new Map((api.tags ?? []).map(({ name, description }) => [name, { name, description, list: [] }]));
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const verb of VERBS.filter((one) => item[one])) {
      const name = item[verb].tags?.[0] ?? path.split('/')[2] ?? path.split('/')[1] ?? '';
      if (!groups.has(name)) groups.set(name, { name, list: [] });
      groups.get(name).list.push({ path, verb, item });
    }
  }
  return [...groups.values()].filter(({ list }) => list.length);
}

function show() {
  const groups = grouped();
  const nav = el('nav', { 'aria-label': w.t('docs'), dir: 'ltr' }, groups.map(({ name, list }) => [el('strong', {}, name), el('ul', {}, list.map(({ path, verb }) =>
    el('li', {}, el('a', { href: `#${anchor(verb, path)}` }, el('span', { class: `verb ${verb}` }, verb.toUpperCase()), path))))]));
  const head = el('div', {}, el('h1', {}, w.t('docs')), el('p', { class: 'quiet' }, `${w.t('docsLede')} `, el('a', { href: '/openapi.json' }, el('bdi', { dir: 'ltr' }, 'openapi.json')), ` · ${api.info?.version ?? ''}`));
  const body = el('div', {}, head, el('div', { lang: 'en', dir: 'ltr' }, prose(api.info?.description),
    groups.map(({ name, description, list }) => el('section', {}, el('h2', {}, name), prose(description), list.map(({ path, verb, item }) => operation(path, verb, item)))), documents()));
  main.replaceChildren(el('div', { class: 'docs' }, nav, body));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

dress(w.t('docs'), 'docs');
try {
  api = await ask('/openapi.json');
  show();
} catch (problem) {
  main.replaceChildren(el('h1', {}, w.t('docs')), el('p', { class: 'error', role: 'alert' }, problem.code ? sentence(problem, w) : w.t('docsMissing')));
}
main.setAttribute('aria-busy', 'false');
