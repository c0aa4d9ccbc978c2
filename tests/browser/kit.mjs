/* What the story needs besides its sentences: a browser, pages that are watched, checks and their count. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const complaints = [];
let failed = 0;

export const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** A browser with a profile of its own, removed when it closes. */
export async function launch() {
  const profile = await mkdtemp(join(tmpdir(), 'cordwain-browser-'));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGS, env: { ...process.env, HOME: profile } });
  browser.on('disconnected', () => rm(profile, { recursive: true, force: true }).catch(() => {}));
  return browser;
}

/** A page in a fresh context; everything it complains about, and every request to another host, is kept for finish(). */
export async function newPage(browser, base, path, { viewport, locale = 'en-GB', expected } = {}) {
  const context = await browser.newContext({ viewport, locale, reducedMotion: 'reduce' });
  context.setDefaultTimeout(12000);
  const page = await context.newPage();
  const host = new URL(base).host;
  page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) complaints.push(`${path}: ${message.text()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['blob:', 'data:', 'about:', 'chrome-extension:'].includes(url.protocol) && url.host !== host) complaints.push(`${path}: asked ${url.host}`);
  });
  const close = page.close.bind(page);
  page.close = async () => { await close(); await context.close(); };
  await page.goto(base + path);
  return page;
}

/** Fail on serious and critical findings of axe. The page's policy forbids inline scripts, so axe goes in through the debugger;
    preloading would copy styles inline, which the policy forbids as well. */
export async function axe(page, name) {
  const { readFile } = await import('node:fs/promises');
  await page.evaluate(await readFile(axeFile, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], preload: false }));
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  if (bad.length) throw new Error(`${name}: ${bad.map(({ id, nodes }) => `${id} at ${nodes.slice(0, 3).map(({ target }) => target.flat().join(' ')).join(', ')}`).join('; ')}`);
}

export function expect(actual, wanted, what) {
  if (actual !== wanted) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
}

export async function check(name, run) {
  try {
    await run();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
  }
}

/** The two checks that hold for all pages, then the exit status. */
export function finish() {
  const foreign = complaints.filter((line) => / asked /.test(line)), errors = complaints.filter((line) => !/ asked /.test(line));
  for (const [name, list] of [['no request to another host', foreign], ['no errors on any console', errors]]) {
    if (list.length) failed++;
    console.log(list.length ? `not ok - ${name}: ${[...new Set(list)].slice(0, 5).join(' | ')}` : `ok - ${name}`);
  }
  process.exitCode = failed ? 1 : 0;
}
