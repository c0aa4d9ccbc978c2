/* The whole story in a browser: a shopper designs and orders two products, the factory makes them, the shopper sees it.
   Usage: node story.mjs BASE_URL FACILITY_KEY OUT_DIR
   One line per check: "ok - name" or "not ok - name: why". Exit status 1 when one failed. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { axe, check, expect, finish, launch, newPage, pause } from './kit.mjs';

const [base, key, out] = process.argv.slice(2);
if (!base || !key || !out) {
  console.error('usage: node story.mjs BASE_URL FACILITY_KEY OUT_DIR');
  process.exit(2);
}
const FACILITY = 'FAC-PT-03';
const DESKTOP = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
const orders = {};
await mkdir(out, { recursive: true });
const browser = await launch();
const open = (path, options) => newPage(browser, base, path, options);
const shot = (page, name, full) => page.screenshot({ path: `${out}/${name}.png`, fullPage: full });
const step = (page, name) => page.locator('.steps button', { hasText: name }).click();
const option = (page, id) => page.locator(`[data-option="${id}"]`);
const choose = (page, id, choice) => option(page, id).locator(`input[value="${choice}"]`).locator('xpath=..').click({ force: true });
const chosen = (page, id) => option(page, id).locator('input:checked').getAttribute('value');
const total = (page) => page.locator('.bar .price').textContent();
/* The picture follows the selections: wait until the shown one names the choice. */
const source = (page) => page.evaluate(() => decodeURIComponent(document.querySelector('cordwain-configurator').shadowRoot.querySelector('.frame img')?.currentSrc ?? ''));
const shows = async (page, part) => {
  for (let left = 80; !(await source(page)).includes(part); left--) {
    if (left === 0) throw new Error(`the picture is ${await source(page)}, not one with ${part}`);
    await pause(100);
  }
};
const settled = async (page) => { await pause(500); await page.waitForLoadState('networkidle'); };

await check('the list shows the products with pictures and prices', async () => {
  const page = await open('/?locale=en', { viewport: DESKTOP });
  await page.locator('.product').nth(2).waitFor();
  expect(await page.locator('.product').count(), 3, 'products');
  expect((await page.locator('.facts strong').allTextContents()).every((text) => /€\d/.test(text)), true, 'a price on each');
  for (const image of await page.locator('main img').all()) { await image.scrollIntoViewIfNeeded(); await image.evaluate((one) => one.decode()); }
  await page.evaluate(() => { scrollTo(0, 0); for (const list of document.querySelectorAll('.strip ul')) list.scrollTo(0, 0); });
  await shot(page, '01-list', true);
  await axe(page, 'list');
  await page.locator('.about .button').nth(await page.locator('.about h2').allTextContents().then((titles) => titles.indexOf('Court sneaker'))).click();
  await page.locator('cordwain-configurator .presets button').first().waitFor();
  await page.close();
});

let sneaker;
await check('the sneaker opens with a picture of a ready design', async () => {
  sneaker = await open('/products/court-sneaker?locale=en', { viewport: DESKTOP });
  await sneaker.locator('.frame img').waitFor();
  expect(await sneaker.locator('.thumbs button').count(), 4, 'views');
  expect((await sneaker.locator('.frame img').getAttribute('alt')).startsWith('Court sneaker'), true, 'alt text');
  await shot(sneaker, '02-sneaker');
  await axe(sneaker, 'configurator');
});

await check('a preset changes picture and price', async () => {
  const before = await total(sneaker);
  await sneaker.locator('.presets button', { hasText: 'Orchard' }).click();
  await shows(sneaker, 'quarter_colour=leather-ivory');
  expect(await total(sneaker) !== before, true, `price was ${before}`);
  await shot(sneaker, '03-preset');
});

await check('a closer look is sharp, moves by keys and pointer, and moves nothing else', async () => {
  const frame = sneaker.locator('.frame'), button = frame.locator('.zoom'), sharp = frame.locator('.sharp');
  await button.scrollIntoViewIfNeeded();
  const layout = () => sneaker.evaluate(() => document.documentElement.scrollHeight);
  const before = await frame.boundingBox(), page = await layout(), address = () => sharp.getAttribute('src');
  const changes = async (what, from) => {
    for (let i = 0; i < 80 && (await address().catch(() => from)) === from; i++) await pause(100);
    expect((await address()) !== from, true, what);
  };
  await button.click();
  await sharp.waitFor();
  expect(await button.getAttribute('aria-pressed'), 'true', 'pressed');
  const [natural, seen] = await sharp.evaluate((image) => [image.naturalWidth, image.getBoundingClientRect().width]);
  expect(natural >= Math.floor(seen) && seen >= before.width - 3, true, `${natural} pixels for ${seen}`);
  expect(/crop=\d+,\d+,\d+,\d+$/.test(await address()), true, await address());
  const first = await address();
  await shot(sneaker, '03-closer');
  await button.press('ArrowRight');
  await changes('by key', first);
  const second = await address();
  await sneaker.mouse.move(before.x + 200, before.y + 200);
  await sneaker.mouse.down();
  await sneaker.mouse.move(before.x + 60, before.y + 120);
  await sneaker.mouse.up();
  await changes('by pointer', second);
  expect(JSON.stringify(await frame.boundingBox()) + await layout(), JSON.stringify(before) + page, 'nothing else moved');
  await button.press('Escape');
  expect([await button.getAttribute('aria-pressed'), await sharp.count()].join(), 'false,0', 'ended');
});

await check('an impossible choice is marked and says why', async () => {
  await step(sneaker, 'Upper');
  const suede = option(sneaker, 'upper_material').locator('input[value="suede"]');
  expect(await suede.getAttribute('aria-disabled'), 'true', 'aria-disabled');
  await choose(sneaker, 'upper_material', 'suede');
  const why = option(sneaker, 'upper_material').locator('.why');
  await why.waitFor({ state: 'visible' });
  expect((await why.textContent()).length > 20, true, 'a reason');
  expect(await chosen(sneaker, 'upper_material'), 'leather', 'still leather');
  await shot(sneaker, '04-reason');
  await axe(sneaker, 'reason');
});

await check('switching anyway changes the material and says what else changed', async () => {
  await option(sneaker, 'upper_material').locator('.why button').click();
  await shows(sneaker, 'upper_material=suede');
  expect(await chosen(sneaker, 'upper_material'), 'suede', 'material');
  expect(/Toe box colour/.test(await sneaker.locator('.notice').textContent()), true, 'notice names the toe box colour');
  await shot(sneaker, '05-switched');
});

await check('undo brings the colours back', async () => {
  await sneaker.locator('.notice button').click();
  await sneaker.waitForFunction(() => document.querySelector('cordwain-configurator').shadowRoot.querySelector('[data-option="upper_material"] input:checked')?.value === 'leather');
  await sneaker.locator('.steps button', { hasText: 'Ideas' }).click();
  await sneaker.locator('.presets button', { hasText: 'Chalk' }).click();
  await step(sneaker, 'Upper');
  await settled(sneaker);
});

await check('a material and colours by clicking', async () => {
  await choose(sneaker, 'upper_material', 'suede');
  await shows(sneaker, 'upper_material=suede');
  await choose(sneaker, 'toe_box_colour', 'suede-midnight');
  await choose(sneaker, 'quarter_colour', 'suede-oat');
  await shows(sneaker, 'quarter_colour=suede-oat');
  expect(await option(sneaker, 'quarter_colour').locator('.current').textContent(), 'Oat', 'name of the colour');
  expect((await option(sneaker, 'quarter_colour').locator('summary').textContent()).includes('Leather'), true, 'other materials are folded away');
  await shot(sneaker, '06-colours');
});

await check('heel text is counted, checked, priced and drawn', async () => {
  await step(sneaker, 'Make it yours');
  const field = sneaker.locator('#f-heel_text');
  await field.fill('');
  await settled(sneaker);
  const before = await total(sneaker);
  await field.fill('NILUFAR');
  await sneaker.locator('#f-heel_text-fault', { hasText: /6/ }).waitFor();
  expect(await sneaker.locator('#f-heel_text-count').textContent(), '7 of 6', 'counter');
  await field.fill('NILU');
  await shows(sneaker, 'heel_text=NILU');
  expect(await sneaker.locator('#f-heel_text-fault').textContent(), '', 'no fault left');
  expect(await total(sneaker) !== before, true, `price was ${before}`);
  expect(await sneaker.locator('.thumbs button[aria-pressed="true"]').textContent(), 'Heel', 'turned to the heel');
  await pause(900);
  expect(/NILU/.test(await sneaker.locator('p.hidden[role="status"]').textContent()), true, 'said politely');
  await sneaker.locator('.bar summary').click();
  expect(/Heel text/.test(await sneaker.locator('.lines').textContent()), true, 'price line');
  await shot(sneaker, '07-heel-text');
  await sneaker.locator('.bar summary').click();
});

await check('saving gives a link whose page shows the design', async () => {
  await sneaker.locator('.bar button', { hasText: 'Save' }).click();
  const link = await sneaker.locator('#share-link').inputValue();
  await shot(sneaker, '08-saved');
  await axe(sneaker, 'saved');
  await sneaker.locator('dialog button', { hasText: 'Close' }).click();
  const page = await open(`${new URL(link).pathname}?locale=en`, { viewport: DESKTOP });
  const image = await page.locator('meta[property="og:image"]').getAttribute('content');
  expect((await page.request.get(base + new URL(image).pathname + new URL(image).search)).status(), 200, 'og:image');
  const loaded = await page.locator('.views img').first().evaluate((picture) => picture.decode().then(() => picture.naturalWidth));
  expect(loaded > 100, true, 'picture');
  await shot(page, '09-share', true);
  await axe(page, 'share');
  await page.locator('a.button').click();
  await page.locator('.bar .price').waitFor();
  await shows(page, 'heel_text=NILU');
  await page.close();
});

async function order(page, name) {
  await page.locator('.bar .primary').click();
  const go = page.locator('dialog .actions .primary');
  await page.locator('dialog .sum dd').first().waitFor();
  await shot(page, `${name}-order`);
  await axe(page, `${name} order`);
  await go.click();
  await page.waitForURL(/\/orders\//);
  await page.locator('#state').waitFor();
  orders[name] = { path: new URL(page.url()).pathname, number: (await page.locator('h1 bdi').textContent()).trim() };
  await shot(page, `${name}-ordered`, true);
  await axe(page, `${name} tracking`);
}

await check('the sneaker is ordered and its page says received', async () => {
  await order(sneaker, '10-sneaker');
  expect(await sneaker.locator('#state').getAttribute('data-state'), 'received', 'state');
  await sneaker.close();
});

await check('the bottle in Persian runs from right to left, takes a Persian name, and is ordered', async () => {
  const page = await open('/products/bottle?locale=fa', { viewport: DESKTOP, locale: 'fa-IR' });
  await page.locator('.bar .price').waitFor();
  expect(await page.evaluate(() => document.documentElement.dir + document.documentElement.lang), 'rtlfa', 'direction and language');
  await page.locator('.steps button').nth(4).click();
  await page.locator('#f-wrap_text').fill('نیلوفر جان');
  await shows(page, 'نیلوفر');
  await option(page, 'wrap_font').locator('label').last().click();
  await settled(page);
  await shot(page, '11-bottle-fa');
  await axe(page, 'bottle in Persian');
  await order(page, '12-bottle');
  await page.close();
});

await check("a picture of the shopper's own is uploaded, placed by keys and by hand, and ordered", async () => {
  const page = await open('/products/bottle?locale=en', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  await step(page, 'Text, pattern and picture');
  const before = await total(page), field = option(page, 'photo'), area = field.locator('.picture-area');
  await field.locator('input[type=file]').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await field.locator('.fault', { hasText: 'no PNG or JPEG' }).waitFor();
  await field.locator('input[type=file]').setInputFiles(fileURLToPath(new URL('../golden/cases/bottle-picture/lake.png', import.meta.url)));
  await area.locator('img').waitFor();
  await shows(page, 'o.photo=');
  expect(await total(page) !== before, true, `price was ${before}`);
  const [x, y, width, turn] = ['xUm', 'yUm', 'widthUm', 'rotationMdeg'].map((name) => page.locator(`#f-photo-${name}`));
  expect(await width.inputValue(), '106', 'the widest that 420 pixels at 100 dpi allow');
  await area.focus();
  for (const key of ['Shift+ArrowUp', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'Minus']) await page.keyboard.press(key);
  expect([await x.inputValue(), await y.inputValue(), await width.inputValue()].join(), '2,9,105', 'moved by keys');
  let answer;
  const held = new Promise((done) => { answer = done; });
  await page.route('**/configure', async (route) => { await held; await route.continue().catch(() => {}); });
  const asked = page.waitForRequest('**/configure');
  await page.keyboard.press('ArrowRight');
  await asked;
  await width.fill('58');
  answer();
  await page.unroute('**/configure', { behavior: 'wait' });
  await settled(page);
  expect([await x.inputValue(), await width.inputValue()].join(), '3,58', 'typed while an answer was on its way');
  await turn.fill('6');
  await turn.press('Enter');
  const box = await area.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 - 30, { steps: 5 });
  await page.mouse.up();
  expect(Number(await y.inputValue()) > 12, true, `dragged up to ${await y.inputValue()} mm`);
  await y.fill('9');
  await y.press('Enter');
  await page.locator('#f-wrap_text').fill('Lake');
  await shows(page, ',3000,9000,58000,6000');
  await settled(page);
  await shot(page, '15-picture-placed');
  await axe(page, 'picture placed');
  await order(page, '15-picture');
  await page.close();
});

await check('right to left on a phone fits without sideways scrolling', async () => {
  for (const path of ['/', '/products/bottle', orders['12-bottle'].path, '/desk', '/docs']) {
    const page = await open(`${path}?locale=fa`, { viewport: PHONE, locale: 'fa-IR' });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} fits`);
    await shot(page, `13-phone-fa-${path.split('/')[1] || 'list'}`);
    await page.close();
  }
});

await check('on a phone the picture and the price stay in view', async () => {
  const page = await open('/products/court-sneaker?locale=en', { viewport: PHONE });
  await page.locator('.bar .price').waitFor();
  await step(page, 'Upper');
  await settled(page);
  await page.evaluate(() => scrollBy(0, 900));
  await pause(300);
  for (const name of ['.frame', '.bar']) {
    const box = await page.locator(name).boundingBox();
    expect(box.y >= -1 && box.y + box.height <= PHONE.height + 1, true, `${name} in view`);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scrolling');
  await shot(page, '14-phone');
  await axe(page, 'phone');
  await page.close();
});

await check('a choice can be made by keyboard alone', async () => {
  const page = await open('/products/court-sneaker?locale=en', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  const focused = () => page.evaluate(() => { const at = document.querySelector('cordwain-configurator').shadowRoot.activeElement; return at && `${at.name || ''}=${at.value || at.textContent}`; });
  const tabTo = async (wish) => { for (let i = 0; i < 60; i++) { if ((await focused() || '').startsWith(wish)) return; await page.keyboard.press('Tab'); } throw new Error(`no way to ${wish} by Tab`); };
  await tabTo('=Fit');
  await page.keyboard.press('Enter');
  await tabTo('size=42');
  await page.keyboard.press('ArrowRight');
  await settled(page);
  expect(await chosen(page, 'size'), '43', 'size');
  await tabTo('width=standard');
  await page.keyboard.press('ArrowRight');
  await settled(page);
  expect(await chosen(page, 'width'), 'wide', 'width');
  expect(/134/.test(await total(page)), true, 'price with the wide last');
  await shot(page, '15-keyboard');
  await page.close();
});

await check('by keyboard, an impossible choice is reached, explained, and switched to', async () => {
  const page = await open('/products/court-sneaker?locale=en&preset=orchard', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  await step(page, 'Upper');
  await option(page, 'upper_material').locator('input[value="leather"]').focus();
  await page.keyboard.press('ArrowRight');
  const why = option(page, 'upper_material').locator('.why.pinned');
  await why.waitFor();
  expect(await chosen(page, 'upper_material'), 'leather', 'nothing switched yet');
  expect((await option(page, 'upper_material').locator('input[value="suede"]').getAttribute('aria-describedby')).startsWith('why-'), true, 'reason for screen readers');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await shows(page, 'upper_material=suede');
  await page.close();
});

await check('a text that cannot be made here says why, and can win', async () => {
  const page = await open('/products/court-sneaker?locale=en', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  await step(page, 'Upper');
  await choose(page, 'upper_material', 'suede');
  await shows(page, 'upper_material=suede');
  await step(page, 'Make it yours');
  await page.locator('#f-side_number').fill('7');
  await page.locator('#f-side_number-fault', { hasText: /suede/ }).waitFor();
  await page.locator('.bar .primary').click();
  await page.locator('.notice:not([hidden])', { hasText: 'Fix' }).waitFor();
  await shot(page, '15-text-conflict');
  await option(page, 'side_number').locator('.faults button').click();
  await shows(page, 'side_number=7');
  expect(await page.locator('#f-side_number-fault').textContent(), '', 'no fault left');
  await page.close();
});

await check('the language can be changed, keeps the design, and is remembered', async () => {
  const page = await open('/products/court-sneaker?locale=en', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  await step(page, 'Fit');
  await choose(page, 'width', 'wide');
  await settled(page);
  await page.locator('#language').selectOption('uz');
  await page.waitForURL(/locale=uz/);
  await page.locator('.bar .price').waitFor();
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.lang), 'uz', 'language');
  expect(await chosen(page, 'width'), 'wide', 'the draft');
  expect(/\d+-[a-z]+ gacha/.test(await page.locator('.bar .date').textContent()), true, 'an Uzbek date');
  await shot(page, '15-uzbek');
  await page.goto(`${base}/`);
  await page.locator('.product').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang), 'uz', 'remembered');
  await page.goto(`${base}/?locale=zh`);
  await page.locator('.product').first().waitFor();
  expect(await page.evaluate(() => document.documentElement.lang), 'zh', 'the address wins');
  await page.close();
});

await check('a lost connection is said and can be tried again', async () => {
  const page = await open('/products/bottle?locale=en', { viewport: PHONE, expected: /ERR_/ });
  await page.locator('.bar .price').waitFor();
  await settled(page);
  await page.context().setOffline(true);
  await page.locator('.presets button').nth(1).click();
  await page.locator('.error', { hasText: 'connection' }).waitFor();
  expect(await page.locator('.frame img').evaluate((image) => image.naturalWidth > 0), true, 'the picture stays');
  await shot(page, '15-offline');
  await page.context().setOffline(false);
  await page.locator('.error button').click();
  await shows(page, 'body_colour=gloss-cherry');
  expect(await page.locator('.error').isVisible(), false, 'the message goes');
  await page.close();
});

await check('what is not there is said in a sentence', async () => {
  for (const path of ['/products/no-such-thing', '/products/bottle?design=lusab-babad-gutih-tugad-mudof', '/orders/01M80PADNJWGE0JRKFGDRN33GX']) {
    const page = await open(`${path}${path.includes('?') ? '&' : '?'}locale=en`, { viewport: PHONE, expected: /404/ });
    await page.locator('.error', { hasText: 'nothing at this address' }).waitFor();
    await axe(page, path);
    await page.close();
  }
});

await check('pages reflow at 320 pixels', async () => {
  for (const path of ['/', '/products/court-sneaker', orders['10-sneaker'].path, '/desk']) {
    const page = await open(`${path}?locale=en`, { viewport: { width: 320, height: 568 } });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} fits`);
    await page.close();
  }
});

let desk;
const deskStep = async (to) => {
  await desk.locator(`button[data-to="${to}"]`).click();
  await desk.locator(`.spec[data-state="${to}"]`).waitFor();
};

await check('the desk asks for the key and refuses a wrong one', async () => {
  desk = await open('/desk?locale=en', { viewport: DESKTOP, expected: /401|403/ });
  await desk.locator('#facility').fill(FACILITY);
  await desk.locator('#key').fill('cw_live_wrong_key');
  await desk.locator('button.primary').click();
  await desk.locator('.fault', { hasText: /key/ }).waitFor();
  await axe(desk, 'desk login');
  await desk.locator('#key').fill(key);
  await desk.locator('button.primary').click();
  await desk.locator('table.queue').waitFor();
  await shot(desk, '16-desk', true);
  await axe(desk, 'desk queue');
});

/* The queue may hold other orders (a data folder that was used before): take until both of ours are done. */
async function makeOne() {
  await desk.locator('button', { hasText: 'Take next' }).click();
  await desk.locator('.spec[data-state="leased"]').waitFor();
  const number = (await desk.locator('.spec h1').textContent()).split(' ')[0];
  const name = Object.keys(orders).find((one) => orders[one].number === number);
  if (name) {
    await desk.locator('.spec .pictures img').first().evaluate((image) => image.decode());
    expect(await desk.locator('table.parts tbody tr').count() > 2, true, 'parts');
    expect((await desk.locator('.texts bdi').allTextContents()).some((text) => /NILU|نیلوفر|Lake/.test(text)), true, 'text to read back');
    expect(await desk.locator('.checklist input').count() > 3, true, 'operations and checks');
    await shot(desk, `17-spec-${name.slice(3)}`, true);
    await axe(desk, `spec ${name.slice(3)}`);
    await artwork('Open PDF', 'application/pdf');
    if (name === '15-picture') await ownPicture();
    await desk.locator('.checklist ul input').first().check();
  }
  for (const to of ['accepted', 'in_production', 'inspected', 'packed', 'shipped']) await deskStep(to);
  if (name) { orders[name].made = true; await shot(desk, `18-shipped-${name.slice(3)}`, true); }
  await desk.locator('button', { hasText: 'Back to the queue' }).click();
  await desk.locator('button', { hasText: 'Take next' }).waitFor();
}

async function ownPicture() {
  const shown = desk.locator('.art-picture');
  expect(await shown.locator('img').evaluate((image) => image.decode().then(() => image.naturalWidth)), 420, 'thumbnail');
  expect(/58 × 38\.7 mm · 183 dpi · turned 6° to the left · 420 × 280 px/.test(await shown.textContent()), true, await shown.textContent());
  await artwork('Open the picture', 'image/png');
}

async function artwork(label, type) {
  const answer = desk.waitForResponse(/\/v1\/artworks\//);
  const tab = desk.context().waitForEvent('page');
  await desk.locator('button', { hasText: label }).first().click();
  const response = await answer;
  expect(response.status(), 200, 'artwork');
  expect(response.headers()['content-type'], type, 'artwork type');
  await (await tab).close();
}

await check('the factory takes, makes and ships all orders', async () => {
  for (let i = 0; i < 20 && !Object.values(orders).every(({ made }) => made); i++) await makeOne();
  expect(Object.values(orders).filter(({ made }) => made).length, 3, 'orders made');
});

await check('the traveller prints on one page', async () => {
  await desk.locator('#filter').selectOption('done');
  await desk.locator('.queue .linkish', { hasText: orders['10-sneaker'].number }).click();
  await desk.locator('.spec').waitFor();
  await settled(desk);
  const pdf = await desk.pdf({ path: `${out}/19-traveller.pdf`, preferCSSPageSize: true });
  expect((pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) || []).length, 1, 'pages');
  await desk.close();
});

await check('tracking shows shipped for all', async () => {
  for (const [name, { path }] of Object.entries(orders)) {
    const page = await open(`${path}?locale=${name.includes('bottle') ? 'fa' : 'en'}`, { viewport: PHONE });
    await page.locator('#state').waitFor();
    expect(await page.locator('#state').getAttribute('data-state'), 'shipped', name);
    await shot(page, `20-${name.slice(3)}-shipped`, true);
    await page.close();
  }
});

await check('a lost answer is said, and ordering again orders once', async () => {
  const page = await open('/products/bottle?locale=en&preset=cherry', { viewport: DESKTOP, expected: /ERR_/ });
  const keys = [], numbers = [];
  await page.route('**/v1/orders', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    const answer = await route.fetch();
    numbers.push((await answer.json()).number);
    if (keys.length === 1) await route.abort(); else await route.fulfill({ response: answer });
  });
  await page.locator('.bar .price').waitFor();
  await page.locator('.bar .primary').click();
  await page.locator('dialog .sum dd').first().waitFor();
  await page.locator('dialog .actions .primary').click();
  await page.locator('dialog .fault', { hasText: 'connection' }).waitFor();
  await shot(page, '21-lost');
  await page.locator('dialog .actions .primary:not([aria-disabled])').click();
  await page.waitForURL(/\/orders\//);
  expect(keys.length === 2 && keys[0] === keys[1], true, 'same key');
  expect(numbers[1], numbers[0], 'same order');
  await page.close();
});

await check('an order that nobody has taken can be cancelled', async () => {
  const page = await open('/products/bottle?locale=en&preset=sky', { viewport: DESKTOP });
  await page.locator('.bar .price').waitFor();
  await settled(page);
  await page.locator('.bar .primary').click();
  await page.locator('dialog .sum dd').first().waitFor();
  await page.locator('dialog .actions .primary').click();
  await page.waitForURL(/\/orders\//);
  await page.locator('.button.danger').click();
  await page.locator('dialog .button.danger').click();
  await page.locator('#state[data-state="cancelled"]').waitFor();
  await shot(page, '21-cancelled', true);
  await axe(page, 'cancelled');
  await page.close();
});

await check('the API reference is readable', async () => {
  const page = await open('/docs?locale=en', { viewport: DESKTOP });
  await page.locator('.docs h1').waitFor();
  await shot(page, '22-docs');
  await axe(page, 'docs');
  await page.close();
});

await browser.close();
finish();
