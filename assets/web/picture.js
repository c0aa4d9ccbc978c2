/* A picture of the shopper's own: chosen, uploaded, and placed by number fields, arrow keys or dragging. */
import { el, fetchOk, sentence } from './api.js';
import { extend } from './i18n.js';

extend({
  en: {
    pictureRemove: 'Remove the picture', pictureHint: 'PNG or JPEG, at most 25 MB.',
    pictureSending: 'Uploading…', pictureThere: 'The picture is on the product.', pictureGone: 'The picture was removed.',
    pictureX: 'To the right, mm', pictureY: 'Up, mm', pictureWidth: 'Width, mm', pictureTurn: 'Turn, degrees',
    pictureArea: 'Place of the picture. Arrow keys move it by a millimetre, with Shift by ten; plus and minus change its size.',
    pictureType: 'This is no PNG or JPEG file.', pictureLarge: 'This file is larger than 25 MB.', pictureSlow: 'You uploaded many pictures. Wait a minute and try again.',
    pictureFull: 'No more pictures can be taken at the moment.', pictureBad: 'This picture cannot be used: {detail}',
  },
  uz: {
    pictureRemove: 'Rasmni olib tashlash', pictureHint: 'PNG yoki JPEG, koʻpi bilan 25 MB.',
    pictureSending: 'Yuklanmoqda…', pictureThere: 'Rasm mahsulotga qoʻyildi.', pictureGone: 'Rasm olib tashlandi.',
    pictureX: 'Oʻngga, mm', pictureY: 'Yuqoriga, mm', pictureWidth: 'Eni, mm', pictureTurn: 'Burish, gradus',
    pictureArea: 'Rasmning oʻrni. Strelkalar uni bir millimetrga, Shift bilan oʻn millimetrga suradi; plus va minus oʻlchamini oʻzgartiradi.',
    pictureType: 'Bu PNG yoki JPEG fayl emas.', pictureLarge: 'Bu fayl 25 MB dan katta.', pictureSlow: 'Koʻp rasm yukladingiz. Bir daqiqa kutib, qayta urinib koʻring.',
    pictureFull: 'Hozircha boshqa rasm qabul qilinmaydi.', pictureBad: 'Bu rasmdan foydalanib boʻlmaydi: {detail}',
  },
  fa: {
    pictureRemove: 'برداشتن تصویر', pictureHint: 'PNG یا JPEG، حداکثر ۲۵ مگابایت.',
    pictureSending: 'در حال بارگذاری…', pictureThere: 'تصویر روی محصول است.', pictureGone: 'تصویر برداشته شد.',
    pictureX: 'به راست، میلی‌متر', pictureY: 'به بالا، میلی‌متر', pictureWidth: 'پهنا، میلی‌متر', pictureTurn: 'چرخش، درجه',
    pictureArea: 'جای تصویر. کلیدهای جهت آن را یک میلی‌متر و با Shift ده میلی‌متر جابه‌جا می‌کنند؛ + و − اندازه را تغییر می‌دهند.',
    pictureType: 'این فایل PNG یا JPEG نیست.', pictureLarge: 'این فایل بزرگ‌تر از ۲۵ مگابایت است.', pictureSlow: 'تصویرهای زیادی بارگذاری کردید. یک دقیقه صبر کنید.',
    pictureFull: 'اکنون تصویر بیشتری پذیرفته نمی‌شود.', pictureBad: 'این تصویر قابل استفاده نیست: {detail}',
  },
  zh: {
    pictureRemove: '移除图片', pictureHint: 'PNG 或 JPEG，最大 25 MB。',
    pictureSending: '正在上传…', pictureThere: '图片已放到产品上。', pictureGone: '图片已移除。',
    pictureX: '向右，毫米', pictureY: '向上，毫米', pictureWidth: '宽度，毫米', pictureTurn: '旋转，度',
    pictureArea: '图片的位置。方向键移动一毫米，按住 Shift 移动十毫米；加号和减号改变大小。',
    pictureType: '这不是 PNG 或 JPEG 文件。', pictureLarge: '文件超过 25 MB。', pictureSlow: '您上传了很多图片，请稍等一分钟再试。',
    pictureFull: '目前无法接收更多图片。', pictureBad: '无法使用这张图片：{detail}',
  },
});

const MAX_BYTES = 25 * 1024 * 1024, TYPES = ['image/png', 'image/jpeg'];
/* Label, member, the least and the most the schema takes; all are shown in thousands. */
const FIELDS = [['pictureX', 'xUm', -2e6, 2e6], ['pictureY', 'yUm', -2e6, 2e6], ['pictureWidth', 'widthUm', 1000, 2e6], ['pictureTurn', 'rotationMdeg', -360000, 360000]];

function words(problem, w) {
  if (problem.code === 'rate.uploads') return w.t('pictureSlow');
  if (problem.code === 'artwork.store_full') return w.t('pictureFull');
  if (problem.status === 413) return w.t('pictureLarge');
  if (problem.status === 415) return w.t('pictureType');
  return problem.status === 422 ? w.t('pictureBad', { detail: problem.message }) : sentence(problem, w);
}

/** The control of an option of kind "artwork", as those of controls.js. */
export function pictureControl(option, ctx) {
  const { w } = ctx, id = `f-${option.id}`, [, , areaWidth, areaHeight] = option.areaUm;
  let value = null, facts = null, edited = null; // edited: the field that is being typed in, which an answer must leave alone
  const status = el('p', { class: 'help', role: 'status', id: `${id}-status` });
  const fault = el('p', { class: 'fault', role: 'alert', id: `${id}-fault` });
  const file = el('input', { id, type: 'file', accept: TYPES.join(','), 'aria-describedby': `${id}-hint ${id}-status ${id}-fault`, onchange: () => take(file.files[0]), onfocus: () => ctx.look(option) });
  const image = el('img', { alt: '', draggable: 'false' });
  const area = el('div', { class: 'picture-area', tabindex: '0', role: 'group', 'aria-label': w.t('pictureArea'), onkeydown: keys, onpointerdown: grab }, image);
  area.style.aspectRatio = `${areaWidth} / ${areaHeight}`;
  const inputs = FIELDS.map(([label, member]) => {
    const input = el('input', { id: `${id}-${member}`, type: 'number', step: '1', min: member === 'widthUm' ? '1' : null, oninput: () => { edited = input; }, onblur: () => { edited = null; }, onchange: () => { edited = null; if (input.value !== '') move({ [member]: Math.round(Number(input.value) * 1000) }); } });
    return { member, input, node: el('label', { for: `${id}-${member}` }, el('span', {}, w.t(label)), input) };
  });
  const remove = el('button', { type: 'button', class: 'button small', onclick: () => { status.textContent = w.t('pictureGone'); file.value = ''; file.focus(); ctx.pick(option, undefined); } }, w.t('pictureRemove'));
  const placing = el('div', { class: 'picture-placing', hidden: true }, area, el('div', { class: 'picture-fields' }, inputs.map(({ node }) => node)), remove);

  async function take(chosen) {
    if (!chosen) return;
    fault.textContent = '';
    if (!TYPES.includes(chosen.type)) { fault.textContent = w.t('pictureType'); return; }
    if (chosen.size > MAX_BYTES) { fault.textContent = w.t('pictureLarge'); return; }
    status.textContent = w.t('pictureSending');
    try {
      const answer = await fetchOk(`${ctx.base}/v1/artworks`, { method: 'POST', headers: { 'Content-Type': chosen.type }, body: chosen });
      facts = await answer.json();
      status.textContent = w.t('pictureThere');
      ctx.pick(option, { artwork: facts.id, xUm: 0, yUm: 0, widthUm: fitting(facts), rotationMdeg: 0 });
    } catch (problem) {
      status.textContent = '';
      fault.textContent = words(problem, w);
    }
  }

  /* As large as fits and as its pixels allow, in whole millimetres. */
  function fitting({ widthPx, heightPx }) {
    const fine = option.minDpi ? widthPx * 25400 / option.minDpi : Infinity;
    return Math.max(1, Math.floor(Math.min(areaWidth, areaHeight * widthPx / heightPx, fine) / 1000)) * 1000;
  }

  function move(change) {
    if (!value) return;
    value = { ...value, ...change };
    for (const [, member, least, most] of FIELDS) if (member in change) value[member] = Math.min(most, Math.max(least, value[member]));
    draw();
    ctx.pick(option, value);
  }

  function keys(event) {
    const step = event.shiftKey ? 10000 : 1000;
    const changes = {
      ArrowLeft: () => ({ xUm: value.xUm - step }), ArrowRight: () => ({ xUm: value.xUm + step }), ArrowUp: () => ({ yUm: value.yUm + step }), ArrowDown: () => ({ yUm: value.yUm - step }),
      '+': () => ({ widthUm: value.widthUm + step }), '=': () => ({ widthUm: value.widthUm + step }), '-': () => ({ widthUm: value.widthUm - step }),
    };
    if (!value || !changes[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(changes[event.key]());
  }

  function grab(event) {
    if (!value || event.button !== 0) return;
    event.preventDefault();
    area.focus({ preventScroll: true });
    area.setPointerCapture(event.pointerId);
    const scale = areaWidth / area.clientWidth, before = value, from = { x: event.clientX, y: event.clientY, ...value };
    const over = new AbortController(), listening = { signal: over.signal };
    const to = ({ clientX, clientY }) => ({ xUm: Math.round((from.xUm + (clientX - from.x) * scale) / 1000) * 1000, yUm: Math.round((from.yUm - (clientY - from.y) * scale) / 1000) * 1000 });
    const follow = (moved) => { value = { ...value, ...to(moved) }; draw(); };
    const drop = (end) => { over.abort(); if (end.type === 'pointerup') { move(to(end)); } else { value = before; draw(); } };
    area.addEventListener('pointermove', follow, listening);
    area.addEventListener('pointerup', drop, listening);
    area.addEventListener('pointercancel', drop, listening);
  }

  function draw() {
    const width = value.widthUm || (facts ? fitting(facts) : areaWidth);
    image.style.inlineSize = `${width / areaWidth * 100}%`;
    image.style.left = `${50 + value.xUm / areaWidth * 100}%`;
    image.style.top = `${50 - value.yUm / areaHeight * 100}%`;
    image.style.transform = `translate(-50%, -50%) rotate(${-value.rotationMdeg / 1000}deg)`;
    for (const { member, input } of inputs) {
      const shown = String(Math.round((member === 'widthUm' ? width : value[member]) / 1000 * 10) / 10);
      if (input !== edited && input.value !== shown) input.value = shown;
    }
  }

  return {
    node: el('div', { class: 'option field picture', 'data-option': option.id },
      el('label', { for: id }, el('span', { class: 'name' }, option.title), option.required ? null : el('span', { class: 'quiet' }, w.t('optional'))),
      option.help ? el('p', { class: 'help' }, option.help) : null,
      file, el('p', { class: 'help', id: `${id}-hint` }, [w.t('pictureHint'), option.price ? w.delta(option.price, ctx.currency) : ''].join(' ')),
      status, placing, fault),
    paint(answer, root, { faults }) {
      const next = answer?.value ?? null;
      placing.hidden = !next;
      if (next && next.artwork !== value?.artwork) image.src = `${ctx.base}/v1/artworks/${next.artwork}/picture.png`;
      value = next;
      if (value) draw();
      if (faults.length || value) fault.textContent = faults.join(' ');
      file.setAttribute('aria-invalid', faults.length ? 'true' : 'false');
    },
  };
}
