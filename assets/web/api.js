/* Asking the server, and small tools for building a page without markup in strings. */

/** What went wrong, as the server's problem document or our own word for a lost connection. */
export class Problem extends Error {
  constructor(document, status) {
    super(document.detail || document.title || `status ${status}`);
    this.code = document.code || 'unknown';
    this.status = status;
    this.errors = document.errors || [];
  }
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function once(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem({ code: 'network', detail: 'no connection' }, 0);
  }
  if (response.ok) return response;
  const document = await response.json().catch(() => ({}));
  const problem = new Problem(document, response.status);
  problem.retryAfter = Number(response.headers.get('Retry-After')) || 1;
  throw problem;
}

/** Fetch and wait out a busy server twice; throws Problem. */
export async function fetchOk(url, options = {}) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(url, options);
    } catch (problem) {
      const busy = problem.status === 429 || problem.status === 503;
      if (!busy || attempt === 2) throw problem;
      await pause(Math.min(problem.retryAfter, 3) * 1000 * (0.5 + Math.random()));
    }
  }
}

/** JSON in, JSON out. */
export async function ask(url, { body, headers, method, signal } = {}) {
  const options = { method: method || (body === undefined ? 'GET' : 'POST'), headers: { ...headers }, signal };
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  return (await fetchOk(url, options)).json();
}

/** A configure answer since an earlier one, laid over that one: the whole answer. Whole ones stay. */
export function laidOver(old, answer) {
  if (!answer.partial) return answer;
  const { partial, ...whole } = { ...answer, options: { ...old.options }, reasons: {} };
  const known = { ...old.reasons, ...answer.reasons };
  for (const [id, option] of Object.entries(answer.options)) {
    const choices = option.choices || old.options[id].choices ? { ...old.options[id].choices, ...option.choices } : undefined;
    whole.options[id] = choices ? { ...option, choices } : option;
  }
  for (const { choices = {} } of Object.values(whole.options)) {
    for (const { reason } of Object.values(choices)) if (reason) whole.reasons[reason] = known[reason];
  }
  return whole;
}

/** A random identifier; crypto.randomUUID exists only in secure contexts. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A sentence for a person. */
export function sentence(problem, { t }) {
  if (problem.code === 'network') return t('errNetwork');
  if (problem.status === 429 || problem.status === 503) return t('errBusy');
  if (problem.status === 404) return t('errGone');
  if (problem.code === 'order.price_changed') return t('errPrice');
  if (problem.status >= 500) return t('errInternal');
  return t('errOther', { detail: problem.errors?.[0]?.message || problem.message });
}

/** An element: el('p', {class: 'x', onclick: f}, 'text', child). Text is always text. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== 'string') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** The same picture in another width and as WebP. */
export const sized = (url, width) => url.replace(/\.(png|jpg|webp)\?w=\d+/, `.webp?w=${width}`);

export function srcset(url, widths = [320, 480, 800, 1200, 1600]) {
  return widths.map((width) => `${sized(url, width)} ${width}w`).join(', ');
}

/** An <img> of a preview with its width candidates. */
export function picture(url, alt, sizes, attributes = {}) {
  return el('img', {
    alt, sizes, width: '800', height: '800', decoding: 'async', ...attributes, srcset: srcset(url), src: sized(url, 800),
  });
}

/** Copy that also works where the clipboard API is not offered. */
export async function copy(input) {
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.select();
    document.execCommand('copy');
  }
}
