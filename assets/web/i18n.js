/* Every sentence of the shop's pages in every language, and the formats of money and dates.
   Product texts come from the API; the words of orders are in i18n-order.js, the desk's and the reference's in i18n-desk.js. */

export const LOCALES = { en: 'English', uz: 'Oʻzbekcha', fa: 'فارسی', zh: '中文' };

const EN = {
  atMost: 'At most {max} of these.', tooLong: 'At most {max} characters.', wrongScript: 'Only these letters can be made: {scripts}.',
  skip: 'Skip to content', language: 'Language', home: 'Cordwain, all products', products: 'Products', api: 'API',
  tagline: 'Made one at a time, the way you drew it.',
  lede: 'Choose a product, make it yours, watch it change as you click. What you see is what is priced, and what is made.',
  from: 'from {price}', leadDays: 'Ready to ship in {n} working days', design: 'Design yours', readyMade: 'Ready-made ideas',
  noProducts: 'No product is published yet.',
  steps: 'Steps', presets: 'Ideas', presetsHelp: 'Start from one of these and change what you like.', next: 'Next: {name}', back: 'Back',
  view: 'View', zoom: 'Closer look', included: 'included', moreWith: 'More colours with {names}',
  switchAnyway: 'Switch anyway', switched: 'Also changed: {names}.', undo: 'Undo', cannotSwitch: 'This cannot be reached from here. Nothing was changed.',
  notAvailable: 'Not possible now', counter: '{n} of {max}', optional: 'optional', letters: 'Letters: {scripts}', none: 'None',
  price: 'Price', priceDetails: 'What the price is made of', total: 'Total', possibilities: 'Designs still possible', each: 'each', shipsBy: 'Ships by {date}', shipBy: 'Ship by',
  save: 'Save', saving: 'Saving…', saved: 'Your design is saved', savedHelp: 'Anyone with this link sees exactly this design. It does not change.',
  link: 'Link', copy: 'Copy link', copied: 'Copied', share: 'Share…', openShare: 'Open the share page', close: 'Close',
  order: 'Order', orderTitle: 'Order this design', quantity: 'Quantity', confirmOrder: 'Order for {price}', ordering: 'Ordering…',
  readBack: 'Please check the spelling', summary: 'Your design', startAgain: 'Start again', reset: 'Back to the plain design.',
  said: '{what}: {value}.', saidPrice: 'Price {price}.', mended: 'Fix the marked texts first.', inconsistent: 'Two of your choices do not go together.',
  yes: 'Yes', no: 'No', less: 'Less', more: 'More',
  errNetwork: 'The connection was lost. Your design is kept here.', retry: 'Try again', errBusy: 'Many people are designing at this moment. Please try again.',
  errGone: 'There is nothing at this address.', errInternal: 'Something went wrong on our side. Nothing was ordered or lost.', errPrice: 'The price has changed since you looked. Please check it and order again.',
  errOther: 'This did not work: {detail}',
  desk: 'Factory desk', choices: 'Choices',
};

const UZ = {
  atMost: 'Bulardan koʻpi bilan {max} tasi.', tooLong: 'Koʻpi bilan {max} ta belgi.', wrongScript: 'Faqat shu yozuvlarni tayyorlash mumkin: {scripts}.',
  skip: 'Asosiy qismga oʻtish', language: 'Til', home: 'Cordwain, barcha mahsulotlar', products: 'Mahsulotlar', api: 'API',
  tagline: 'Har biri alohida, siz chizgandek tayyorlanadi.',
  lede: 'Mahsulotni tanlang, oʻzingizga moslang, har bosishda oʻzgarishini koʻring. Koʻrganingiz – narxlanadigan va tayyorlanadigan narsa.',
  from: '{price} dan', leadDays: '{n} ish kunida joʻnatishga tayyor', design: 'Oʻzingiznikini yarating', readyMade: 'Tayyor gʻoyalar',
  noProducts: 'Hali mahsulot eʼlon qilinmagan.',
  steps: 'Bosqichlar', presets: 'Gʻoyalar', presetsHelp: 'Shulardan birini oling va xohlaganingizni oʻzgartiring.', next: 'Keyingisi: {name}', back: 'Orqaga',
  view: 'Koʻrinish', zoom: 'Yaqindan koʻrish', included: 'narxga kiradi', moreWith: '{names} bilan yana ranglar',
  switchAnyway: 'Baribir almashtirish', switched: 'Yana oʻzgardi: {names}.', undo: 'Bekor qilish', cannotSwitch: 'Bu yerdan unga oʻtib boʻlmaydi. Hech narsa oʻzgarmadi.',
  notAvailable: 'Hozir mumkin emas', counter: '{max} dan {n}', optional: 'ixtiyoriy', letters: 'Yozuv: {scripts}', none: 'Yoʻq',
  price: 'Narx', priceDetails: 'Narx nimalardan iborat', total: 'Jami', possibilities: 'Yana mumkin boʻlgan dizaynlar', each: 'donasi', shipsBy: '{date} gacha joʻnatiladi', shipBy: 'Joʻnatish muddati',
  save: 'Saqlash', saving: 'Saqlanmoqda…', saved: 'Dizayningiz saqlandi', savedHelp: 'Havolani olgan har kim aynan shu dizaynni koʻradi. U oʻzgarmaydi.',
  link: 'Havola', copy: 'Nusxa olish', copied: 'Nusxa olindi', share: 'Ulashish…', openShare: 'Ulashish sahifasini ochish', close: 'Yopish',
  order: 'Buyurtma', orderTitle: 'Shu dizaynga buyurtma berish', quantity: 'Soni', confirmOrder: '{price} ga buyurtma berish', ordering: 'Yuborilmoqda…',
  readBack: 'Iltimos, yozuvni tekshiring', summary: 'Dizayningiz', startAgain: 'Qaytadan boshlash', reset: 'Oddiy dizaynga qaytildi.',
  said: '{what}: {value}.', saidPrice: 'Narxi {price}.', mended: 'Avval belgilangan yozuvlarni tuzating.', inconsistent: 'Ikki tanlovingiz bir-biriga mos emas.',
  yes: 'Ha', no: 'Yoʻq', less: 'Kamroq', more: 'Koʻproq',
  errNetwork: 'Aloqa uzildi. Dizayningiz shu yerda saqlanib turibdi.', retry: 'Qayta urinish', errBusy: 'Hozir koʻpchilik dizayn qilmoqda. Qayta urinib koʻring.',
  errGone: 'Bu manzilda hech narsa yoʻq.', errInternal: 'Bizning tomonda xatolik yuz berdi. Hech narsa buyurtma qilinmadi va yoʻqolmadi.', errPrice: 'Siz koʻrganingizdan beri narx oʻzgardi. Tekshirib, qayta buyurtma bering.',
  errOther: 'Bajarilmadi: {detail}',
  desk: 'Ustaxona stoli', choices: 'Tanlovlar',
};

const FA = {
  atMost: 'حداکثر {max} تا از این‌ها.', tooLong: 'حداکثر {max} نویسه.', wrongScript: 'تنها این خط‌ها ساخته می‌شود: {scripts}.',
  skip: 'رفتن به محتوا', language: 'زبان', home: 'کوردوین، همهٔ محصولات', products: 'محصولات', api: 'API',
  tagline: 'یکی‌یکی ساخته می‌شود، همان‌طور که شما کشیده‌اید.',
  lede: 'محصولی برگزینید، از آنِ خود کنید و با هر کلیک دگرگونی‌اش را ببینید. آنچه می‌بینید همان است که قیمت می‌خورد و ساخته می‌شود.',
  from: 'از {price}', leadDays: 'آمادهٔ ارسال در {n} روز کاری', design: 'مال خودت را بساز', readyMade: 'ایده‌های آماده',
  noProducts: 'هنوز محصولی منتشر نشده است.',
  steps: 'گام‌ها', presets: 'ایده‌ها', presetsHelp: 'از یکی از این‌ها آغاز کنید و هرچه خواستید تغییر دهید.', next: 'بعدی: {name}', back: 'قبلی',
  view: 'نما', zoom: 'نمای نزدیک', included: 'در قیمت', moreWith: 'رنگ‌های بیشتر با {names}',
  switchAnyway: 'با این حال عوض کن', switched: 'این‌ها هم عوض شد: {names}.', undo: 'برگرداندن', cannotSwitch: 'از اینجا نمی‌توان به آن رسید. چیزی عوض نشد.',
  notAvailable: 'اکنون ممکن نیست', counter: '{n} از {max}', optional: 'اختیاری', letters: 'خط: {scripts}', none: 'هیچ',
  price: 'قیمت', priceDetails: 'قیمت از چه ساخته شده', total: 'جمع', possibilities: 'طرح‌های هنوز ممکن', each: 'هر عدد', shipsBy: 'ارسال تا {date}', shipBy: 'ارسال تا',
  save: 'ذخیره', saving: 'در حال ذخیره…', saved: 'طرح شما ذخیره شد', savedHelp: 'هر کس این پیوند را داشته باشد درست همین طرح را می‌بیند. تغییر نمی‌کند.',
  link: 'پیوند', copy: 'رونوشت پیوند', copied: 'رونوشت شد', share: 'هم‌رسانی…', openShare: 'باز کردن صفحهٔ هم‌رسانی', close: 'بستن',
  order: 'سفارش', orderTitle: 'سفارش همین طرح', quantity: 'تعداد', confirmOrder: 'سفارش به {price}', ordering: 'در حال سفارش…',
  readBack: 'لطفاً املا را بررسی کنید', summary: 'طرح شما', startAgain: 'از نو', reset: 'به طرح ساده برگشت.',
  said: '{what}: {value}.', saidPrice: 'قیمت {price}.', mended: 'نخست نوشته‌های نشان‌دار را درست کنید.', inconsistent: 'دو تا از انتخاب‌های شما با هم سازگار نیستند.',
  yes: 'بله', no: 'نه', less: 'کمتر', more: 'بیشتر',
  errNetwork: 'ارتباط قطع شد. طرح شما همین‌جا نگه داشته شده است.', retry: 'دوباره', errBusy: 'هم‌اکنون افراد زیادی در حال طراحی‌اند. لطفاً دوباره تلاش کنید.',
  errGone: 'در این نشانی چیزی نیست.', errInternal: 'از سوی ما خطایی رخ داد. چیزی سفارش داده یا گم نشد.', errPrice: 'از زمانی که دیدید قیمت تغییر کرده است. بررسی کنید و دوباره سفارش دهید.',
  errOther: 'انجام نشد: {detail}',
  desk: 'میز کارگاه', choices: 'انتخاب‌ها',
};

const ZH = {
  atMost: '最多选 {max} 项。', tooLong: '最多 {max} 个字符。', wrongScript: '只能制作以下文字：{scripts}。',
  skip: '跳到正文', language: '语言', home: 'Cordwain，全部产品', products: '产品', api: 'API',
  tagline: '一件一件，照您的设计来做。',
  lede: '选一件产品，改成您的样子，每次点击都能看到变化。所见即所定价，也即所制作。',
  from: '{price} 起', leadDays: '{n} 个工作日可发货', design: '开始设计', readyMade: '现成方案',
  noProducts: '尚未发布任何产品。',
  steps: '步骤', presets: '方案', presetsHelp: '选一个方案，再改成您喜欢的样子。', next: '下一步：{name}', back: '上一步',
  view: '视角', zoom: '近看', included: '已含', moreWith: '更多颜色：{names}',
  switchAnyway: '仍要更换', switched: '同时更改了：{names}。', undo: '撤销', cannotSwitch: '目前无法换到此项，未作任何更改。',
  notAvailable: '目前不可选', counter: '{n}/{max}', optional: '选填', letters: '文字：{scripts}', none: '无',
  price: '价格', priceDetails: '价格明细', total: '合计', possibilities: '仍可选的设计数', each: '单价', shipsBy: '{date} 前发货', shipBy: '发货日期',
  save: '保存', saving: '正在保存…', saved: '设计已保存', savedHelp: '任何持有此链接的人看到的都是这个设计，不会改变。',
  link: '链接', copy: '复制链接', copied: '已复制', share: '分享…', openShare: '打开分享页', close: '关闭',
  order: '下单', orderTitle: '订购此设计', quantity: '数量', confirmOrder: '以 {price} 下单', ordering: '正在下单…',
  readBack: '请核对文字', summary: '您的设计', startAgain: '重新开始', reset: '已恢复为基本设计。',
  said: '{what}：{value}。', saidPrice: '价格 {price}。', mended: '请先修改标出的文字。', inconsistent: '您的两个选择互相冲突。',
  yes: '是', no: '否', less: '减少', more: '增加',
  errNetwork: '连接中断，您的设计仍保留在此。', retry: '重试', errBusy: '当前使用人数较多，请重试。',
  errGone: '此地址没有内容。', errInternal: '我们这边出错了。没有下单，也没有丢失任何内容。', errPrice: '价格已变动，请核对后重新下单。',
  errOther: '未能完成：{detail}',
  desk: '工厂工作台', choices: '选项',
};

const ALL = { en: EN, uz: UZ, fa: FA, zh: ZH };

/** Add the words of a part of the site that few need: {en: {…}, uz: {…}, …}. */
export function extend(more) {
  for (const [locale, table] of Object.entries(more)) Object.assign(ALL[locale], table);
}

const RTL = new Set(['fa', 'ar', 'he', 'ur']);

function known(tag) {
  const primary = String(tag || '').toLowerCase().split('-')[0];
  return ALL[primary] ? primary : null;
}

function remembered() {
  try { return localStorage.getItem('cordwain:locale'); } catch { return null; }
}

/* The address wins, then what was chosen before, then what the browser asks for. */
function chooseLocale() {
  const asked = known(new URLSearchParams(location.search).get('locale'));
  if (asked) {
    try { localStorage.setItem('cordwain:locale', asked); } catch { /* private mode: the address is enough */ }
    return asked;
  }
  return known(remembered()) || (navigator.languages || []).map(known).find(Boolean) || 'en';
}

export const pageLocale = chooseLocale();
export const direction = (locale) => (RTL.has(locale) ? 'rtl' : 'ltr');

/* Browsers without Uzbek data would print "M11 30" and "€ 59.50": its own months and words, French figures. */
const UZ_MONTHS = ['yanvar', 'fevral', 'mart', 'aprel', 'may', 'iyun', 'iyul', 'avgust', 'sentabr', 'oktabr', 'noyabr', 'dekabr'];
const UZ_SCRIPTS = { Latn: 'lotin', Cyrl: 'kirill', Arab: 'arab', Hani: 'xitoy' };

function uzbekByHand(formats) {
  const clock = (date) => `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
  return {
    ...formats,
    date: (date) => `${date.getUTCDate()}-${UZ_MONTHS[date.getUTCMonth()]}`,
    time: (date) => `${date.getDate()}-${UZ_MONTHS[date.getMonth()]}, ${clock(date)}`,
    clock,
    list: (items) => (items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} va ${items.at(-1)}`),
    script: (code) => UZ_SCRIPTS[code] ?? code,
  };
}

/* A count of any size, as decimal digits: whole up to 15 digits, then "2.5 × 10²²". */
function howMany(decimal, figures) {
  if (decimal.length <= 15) return figures.format(Number(decimal));
  const power = String(decimal.length - 1).replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[digit]);
  return `${figures.format(Number(decimal.slice(0, 3)) / 100)} × 10${power}`;
}

function formatsOf(locale) {
  const bare = locale === 'uz' && /M\d/.test(new Intl.DateTimeFormat('uz-Latn', { month: 'long' }).format(0));
  const intl = bare ? 'fr' : { en: 'en-GB', uz: 'uz-Latn', zh: 'zh-Hans' }[locale] ?? locale;
  const digits = (currency) => new Intl.NumberFormat(intl, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  const dates = (options) => (date) => new Intl.DateTimeFormat(intl, options).format(date);
  const formats = {
    money: (minor, currency, options) => new Intl.NumberFormat(intl, { style: 'currency', currency, ...options }).format(minor / 10 ** digits(currency)),
    number: (value) => new Intl.NumberFormat(intl).format(value),
    date: dates({ day: 'numeric', month: 'long', timeZone: 'UTC' }),
    time: dates({ day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }),
    clock: dates({ hour: 'numeric', minute: '2-digit' }),
    count: (decimal) => howMany(decimal, new Intl.NumberFormat(intl, { maximumFractionDigits: 1 })),
    list: (items) => new Intl.ListFormat(intl, { type: 'conjunction' }).format(items),
    script: (code) => { try { return new Intl.DisplayNames(intl, { type: 'script' }).of(code); } catch { return code; } },
  };
  return bare ? uzbekByHand(formats) : formats;
}

/** Words and formats of one language: {t, money, moneyShort, delta, date, time, clock, list, number, count, script}. */
export function words(tag) {
  const locale = known(tag) || 'en';
  const formats = formatsOf(locale);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  /* A bare day has no zone: read it as UTC and print it as UTC. */
  const day = (text) => new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return {
    ...formats,
    locale,
    dir: direction(locale),
    t: (key, values = {}) => fill(ALL[locale][key] ?? EN[key] ?? key, values),
    money: (minor, currency) => formats.money(minor, currency),
    moneyShort: (minor, currency) => formats.money(minor, currency, { trailingZeroDisplay: 'stripIfInteger' }),
    delta: (minor, currency) => formats.money(minor, currency, { trailingZeroDisplay: 'stripIfInteger', signDisplay: 'exceptZero' }),
    date: (text) => formats.date(day(text)),
    time: (text) => formats.time(new Date(text)),
    clock: (text) => formats.clock(new Date(text)),
  };
}
