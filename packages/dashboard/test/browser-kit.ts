import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axeCore from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

import { systemPart } from '../../../scripts/system-parts.mjs';

const program = systemPart('chromium') ?? '';
/** `npm test` has said loudly that it is not there. */
export const noBrowser = program === '';
const complaints: string[] = [];
const pages: Page[] = [];
let browser: Browser | undefined;

/** For a file of tests: a browser for all of them; whatever a test was about, no error and no request to elsewhere. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (noBrowser) return;
    const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    browser = await chromium.launch({ executablePath: program, args });
  });
  afterAll(async () => await browser?.close());
  // Before the servers end: a page that a failed test left open would complain of that.
  afterEach(async () => {
    for (const page of pages.splice(0)) await closePage(page);
    expect(complaints.splice(0)).toEqual([]);
  });
}

/** What the console said, and who was asked that should not have been. Forgotten once read. */
export function takeComplaints(): readonly string[] {
  return complaints.splice(0);
}

export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  if (browser === undefined) throw new Error('there is no browser');
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  pages.push(page);
  // A browser beside other tests takes its time.
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

export async function closePage(page: Page): Promise<void> {
  await page.context().close();
}

/** What axe has to say of a page, one line for each rule that is broken; of one rule alone where it is named. */
export async function axe(page: Page, rule?: string): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  const options = { resultTypes: ['violations'], ...(rule === undefined ? {} : { runOnly: [rule] }) };
  const found: unknown = await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' ')))`);
  return found as readonly string[];
}

/** A folder for a picture of every page that is looked at, for people to look at. */
const picturesFolder = process.env['WATERTIGHT_PICTURES'];

/** How far right anything reaches; an open dialog makes the page beneath no wider. */
const WIDEST = `Math.max(document.documentElement.scrollWidth, ...Array.from(document.querySelectorAll('dialog[open]'),
  (dialog) => dialog.getBoundingClientRect().left + dialog.scrollWidth))`;

/** In each theme at each width axe finds nothing, and nothing is too wide. `name`: of its pictures, and of what is said of it. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const where = `${name}, ${colorScheme}, ${width} px`;
      expect(await page.evaluate(WIDEST), where).toBeLessThanOrEqual(width);
      expect(await axe(page), where).toEqual([]);
      if (picturesFolder === undefined) continue;
      mkdirSync(picturesFolder, { recursive: true });
      const path = join(picturesFolder, `dashboard-${name.replaceAll(' ', '-')}-${colorScheme}-${width}.png`);
      // What an open dialog covers is not what is looked at.
      await page.screenshot({ path, fullPage: (await page.getByRole('dialog').count()) === 0 });
    }
  }
}
