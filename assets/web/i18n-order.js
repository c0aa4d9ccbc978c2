/* The words for following an order, and the names of states, which the desk shares. */
import { extend } from './i18n.js';

extend({
  en: {
    orderNumber: 'Order {number}', orderThanks: 'Thank you. Here you can follow your order; keep this address.', progress: 'Progress',
    cancel: 'Cancel order', cancelAsk: 'Cancel this order?',
    cancelHelp: 'Once the workshop has accepted an order, it decides whether work can still be stopped.', keep: 'Keep it', cancelled: 'Cancelled.',
    serial: 'Serial {serial}', ordered: 'Ordered', updated: 'State: {state}', history: 'History', now: 'now', designLink: 'Open the design',
    state_received: 'Received', state_queued: 'Waiting for the workshop', state_leased: 'The workshop is looking at it',
    state_accepted: 'Accepted by the workshop', state_in_production: 'Being made', state_inspected: 'Checked', state_packed: 'Packed',
    state_shipped: 'Shipped', state_hold: 'On hold', state_on_hold: 'On hold', state_rejected: 'Returned by the workshop',
    state_rework: 'Being improved', state_scrapped: 'Being made anew', state_cancel_requested: 'Cancellation asked for', state_cancelled: 'Cancelled',
    state_cancel_refused: 'Cannot be cancelled any more',
  },
  uz: {
    orderNumber: 'Buyurtma {number}', orderThanks: 'Rahmat. Buyurtmangizni shu yerda kuzating; manzilni saqlab qoʻying.', progress: 'Jarayon',
    cancel: 'Buyurtmani bekor qilish', cancelAsk: 'Buyurtma bekor qilinsinmi?',
    cancelHelp: 'Ustaxona buyurtmani qabul qilgach, ishni toʻxtatish mumkinligini oʻzi hal qiladi.', keep: 'Qolsin', cancelled: 'Bekor qilindi.',
    serial: 'Seriya raqami {serial}', ordered: 'Buyurtma berildi', updated: 'Holat: {state}', history: 'Tarix', now: 'hozir',
    designLink: 'Dizaynni ochish', state_received: 'Qabul qilindi', state_queued: 'Ustaxonani kutmoqda', state_leased: 'Ustaxona koʻrib chiqmoqda',
    state_accepted: 'Ustaxona qabul qildi', state_in_production: 'Tayyorlanmoqda', state_inspected: 'Tekshirildi', state_packed: 'Qadoqlandi',
    state_shipped: 'Joʻnatildi', state_hold: 'Toʻxtatib turilibdi', state_on_hold: 'Toʻxtatib turilibdi', state_rejected: 'Ustaxona qaytardi',
    state_rework: 'Tuzatilmoqda', state_scrapped: 'Yangidan tayyorlanmoqda', state_cancel_requested: 'Bekor qilish soʻraldi',
    state_cancelled: 'Bekor qilindi', state_cancel_refused: 'Endi bekor qilib boʻlmaydi',
  },
  fa: {
    orderNumber: 'سفارش {number}', orderThanks: 'سپاس. سفارش خود را همین‌جا دنبال کنید؛ این نشانی را نگه دارید.', progress: 'روند کار',
    cancel: 'لغو سفارش', cancelAsk: 'این سفارش لغو شود؟', cancelHelp: 'پس از پذیرش کارگاه، خود کارگاه می‌گوید آیا هنوز می‌توان کار را متوقف کرد.',
    keep: 'بماند', cancelled: 'لغو شد.', serial: 'شمارهٔ سریال {serial}', ordered: 'زمان سفارش', updated: 'وضعیت: {state}', history: 'تاریخچه',
    now: 'اکنون', designLink: 'باز کردن طرح', state_received: 'دریافت شد', state_queued: 'در انتظار کارگاه', state_leased: 'کارگاه در حال بررسی است',
    state_accepted: 'کارگاه پذیرفت', state_in_production: 'در حال ساخت', state_inspected: 'بازرسی شد', state_packed: 'بسته‌بندی شد',
    state_shipped: 'ارسال شد', state_hold: 'متوقف', state_on_hold: 'متوقف', state_rejected: 'کارگاه برگرداند', state_rework: 'در حال اصلاح',
    state_scrapped: 'از نو ساخته می‌شود', state_cancel_requested: 'درخواست لغو شد', state_cancelled: 'لغو شد',
    state_cancel_refused: 'دیگر نمی‌توان لغو کرد',
  },
  zh: {
    orderNumber: '订单 {number}', orderThanks: '谢谢。您可在此跟踪订单，请保存此网址。', progress: '进度', cancel: '取消订单', cancelAsk: '要取消此订单吗？',
    cancelHelp: '工厂接单之后，能否停止制作由工厂决定。', keep: '保留', cancelled: '已取消。', serial: '序列号 {serial}', ordered: '下单时间', updated: '状态：{state}', history: '历史',
    now: '现在', designLink: '打开设计', state_received: '已收到', state_queued: '等待工厂', state_leased: '工厂正在查看', state_accepted: '工厂已接单',
    state_in_production: '制作中', state_inspected: '已检验', state_packed: '已包装', state_shipped: '已发货', state_hold: '暂停', state_on_hold: '暂停',
    state_rejected: '工厂退回', state_rework: '返修中', state_scrapped: '重新制作', state_cancel_requested: '已申请取消', state_cancelled: '已取消',
    state_cancel_refused: '已无法取消',
  },
});
