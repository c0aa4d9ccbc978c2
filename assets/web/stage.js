/* The picture: one large view, thumbnails of all. A new picture takes the place of the old one
   only when it is decoded, so nothing flickers and nothing is ever blank. */
import { el, sized, srcset } from './api.js';
import { zoom } from './zoom.js';

const SIZES = '(min-width: 60rem) 56vw, 100vw';

/** @returns {node, show(previews, alt), look(view)} for a product's views. */
export function stage(views, w, base) {
  const frame = el('div', { class: 'frame' }), thumbs = new Map();
  let view = views[0].id, previews = {}, alt = '', turn = 0, chosenAt = 0, shown = '';
  const closer = zoom(frame, () => base + previews[view], w);
  frame.append(closer.button);

  async function swap() {
    const url = previews[view];
    if (!url) return;
    const mine = ++turn, key = base + url;
    if (shown === key) { // also when another was on its way
      frame.setAttribute('aria-busy', 'false');
      frame.querySelector('.whole').alt = alt;
      return;
    }
    const image = new Image(800, 800);
    image.className = 'whole';
    image.draggable = false;
    image.alt = alt;
    image.sizes = SIZES;
    image.srcset = srcset(base + url);
    image.src = sized(base + url, 800);
    frame.setAttribute('aria-busy', 'true');
    const loaded = await image.decode().then(() => true, () => false);
    if (mine !== turn) return;
    frame.setAttribute('aria-busy', 'false');
    if (!loaded) return; /* a lost picture: the old one stays */
    shown = key;
    frame.querySelector('.whole')?.remove();
    frame.prepend(image);
    closer.refresh();
  }

  async function swapThumb(id) {
    const { image } = thumbs.get(id), next = new Image();
    const url = sized(base + previews[id], 160);
    image.dataset.want = url;
    next.src = url;
    try { await next.decode(); } catch { return; }
    if (image.dataset.want === url) image.src = url;
  }

  function turnTo(id) {
    if (view !== id) closer.end();
    view = id;
    for (const [one, { button }] of thumbs) button.setAttribute('aria-pressed', String(one === id));
    swap();
  }

  const strip = el('div', { class: 'thumbs', role: 'group', 'aria-label': w.t('view') }, views.map(({ id, title }) => {
    const image = el('img', { alt: '', width: '80', height: '80' });
    const button = el('button', { type: 'button', 'aria-pressed': String(id === view), onclick: () => { chosenAt = Date.now(); turnTo(id); } }, image, el('span', {}, title));
    thumbs.set(id, { button, image });
    return button;
  }));

  return {
    node: el('div', { class: 'stage' }, frame, strip),
    show(next, text) {
      previews = next;
      alt = text;
      swap();
      for (const { id } of views) swapThumb(id);
    },
    /* Turn to where a choice shows, unless the person turned the product just now. */
    look(id) { if (thumbs.has(id) && id !== view && Date.now() - chosenAt > 10000) turnTo(id); },
  };
}
