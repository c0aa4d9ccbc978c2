/* A closer look: the picture three times as large at once, and sharp as soon as a crop of just what
   is seen has come. Moved by dragging or with the arrow keys; Escape ends it. Nothing else moves. */
import { el, sized } from './api.js';

const TIMES = 3, STEP = 0.2, WAIT_MS = 120, WIDEST = 4096;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value, low, high) => (low > high ? (low + high) / 2 : Math.min(Math.max(value, low), high));

/** For a frame that holds the picture `.whole`; address() is the picture's.
    @returns {button, refresh(), end()} */
export function zoom(frame, address, w) {
  let on = false, at = [0, 0], timer = 0, turn = 0, sharp = null, drag = null;
  const sign = el('span', { 'aria-hidden': 'true' }, '+');
  const button = el('button', { class: 'zoom', type: 'button', 'aria-label': w.t('zoom'), 'aria-pressed': 'false', onclick: () => (on ? end() : begin(0.5, 0.5)) }, sign);

  /* Where the enlarged picture lies, in pixels from the enlarged frame's corner. */
  function picture() {
    const image = frame.querySelector('.whole'), size = [frame.clientWidth, frame.clientHeight];
    const natural = [image?.naturalWidth || 1, image?.naturalHeight || 1];
    const scale = TIMES * Math.min(size[0] / natural[0], size[1] / natural[1]);
    const length = natural.map((n) => n * scale);
    return { image, size, length, from: length.map((n, i) => (size[i] * TIMES - n) / 2) };
  }

  function place({ image, size, length, from }) {
    at = at.map((value, i) => within(value, from[i], from[i] + length[i] - size[i]));
    image.style.transformOrigin = '0 0';
    image.style.transform = `translate(${-at[0]}px, ${-at[1]}px) scale(${TIMES})`;
    if (sharp) sharp.image.style.transform = `translate(${sharp.at[0] - at[0]}px, ${sharp.at[1] - at[1]}px)`;
  }

  async function sharpen() {
    const mine = ++turn, { size, length, from } = picture();
    const width = Math.min(Math.round(length[0]), WIDEST), unit = width / length[0];
    const low = at.map((value, i) => Math.max(0, Math.ceil((value - from[i]) * unit)));
    const high = at.map((value, i) => Math.floor(Math.min(value - from[i] + size[i], length[i] - 1) * unit));
    const crop = [...low, high[0] - low[0], high[1] - low[1]];
    const dpr = Math.max(1, Math.min(3, Math.ceil(devicePixelRatio), Math.floor(WIDEST / width)));
    const image = el('img', { class: 'sharp', alt: '', draggable: 'false', src: `${sized(address(), width)}&dpr=${dpr}&crop=${crop}` });
    if (!await image.decode().then(() => true, () => false) || mine !== turn || !on) return;
    image.style.inlineSize = `${crop[2] / unit}px`;
    image.style.blockSize = `${crop[3] / unit}px`;
    sharp?.image.remove();
    sharp = { image, at: low.map((value, i) => from[i] + value / unit) };
    frame.insertBefore(image, button);
    place(picture());
  }

  function show() {
    const now = picture();
    if (!now.image) return;
    place(now);
    clearTimeout(timer);
    timer = setTimeout(sharpen, WAIT_MS);
  }

  function mark(zoomed) {
    on = zoomed;
    frame.classList.toggle('zoomed', on);
    button.setAttribute('aria-pressed', String(on));
    sign.textContent = on ? '−' : '+';
  }

  /* Towards a point of the frame, as parts of its size. */
  function begin(x, y) {
    mark(true);
    at = [frame.clientWidth * x, frame.clientHeight * y].map((value) => value * (TIMES - 1));
    show();
  }

  function end() {
    clearTimeout(timer);
    turn++;
    mark(false);
    sharp?.image.remove();
    sharp = null;
    const image = frame.querySelector('.whole');
    if (image) image.style.transform = '';
  }

  frame.addEventListener('keydown', (event) => {
    if (!on || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape') end();
    else if (ARROWS[event.key]) {
      at = ARROWS[event.key].map((way, i) => at[i] + way * STEP * [frame.clientWidth, frame.clientHeight][i]);
      show();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  frame.addEventListener('pointerdown', (event) => {
    if (!on || event.button !== 0 || button.contains(event.target)) return;
    drag = { from: [event.clientX, event.clientY], at };
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  frame.addEventListener('pointermove', (event) => {
    if (!drag) return;
    at = [event.clientX, event.clientY].map((value, i) => drag.at[i] + drag.from[i] - value);
    show();
  });
  for (const name of ['pointerup', 'pointercancel']) frame.addEventListener(name, () => { drag = null; });
  frame.addEventListener('dblclick', (event) => {
    if (button.contains(event.target)) return;
    const box = frame.getBoundingClientRect();
    if (on) end(); else begin((event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height);
  });
  new ResizeObserver(() => { if (on) show(); }).observe(frame);

  /* Another picture has come: what was sharp is of the old one. */
  function refresh() {
    if (!on) return;
    turn++; // one on its way is of the old picture too
    sharp?.image.remove();
    sharp = null;
    show();
  }
  return { button, refresh, end };
}
