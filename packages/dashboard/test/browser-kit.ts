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

/** For `expect.poll`: a page shows what it has asked for a moment later, and a busy machine takes its time. */
export const SOON = { timeout: 10_000 } as const;

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
  const own = new URL(url);
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  pages.push(page);
  // A browser beside other tests takes its time.
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    // All files are of the same origin: none.
    if (protocol !== own.protocol || origin !== own.origin) complaints.push(`asks ${request.url()}`);
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

export interface Look {
  readonly colorScheme: 'light' | 'dark';
  /** In pixels. */
  readonly width: number;
}

/** Every way in which a page is looked at: phone and wide screen, light and dark. */
export const LOOKS: readonly Look[] = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [390, 1400].map((width) => ({ colorScheme, width })),
);

/** How far right anything reaches; an open dialog makes the page beneath no wider. */
const WIDEST = `Math.max(document.documentElement.scrollWidth, ...Array.from(document.querySelectorAll('dialog[open]'),
  (dialog) => dialog.getBoundingClientRect().left + dialog.scrollWidth))`;

/** What is wrong with a page that nobody has to understand to say so: what axe finds, and what is wider than the screen. */
export async function faultsOf(page: Page, { colorScheme, width }: Look): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  const takenWidth = Number(await page.evaluate(WIDEST));
  return [...(takenWidth > width ? [`is ${takenWidth} px wide`] : []), ...(await axe(page))];
}

/** The whole page as it is now, into the folder that `WATERTIGHT_PICTURES` names: for somebody to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['WATERTIGHT_PICTURES'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  // What an open dialog covers is not what is looked at.
  const fullPage = (await page.getByRole('dialog').count()) === 0;
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/** In each theme at each width axe finds nothing, and nothing is too wide. `name`: of its pictures, and of what is said of it. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const look of LOOKS) {
    const where = `dashboard-${name.replaceAll(' ', '-')}-${look.colorScheme}-${look.width}`;
    expect(await faultsOf(page, look), where).toEqual([]);
    await keepPicture(page, where);
  }
}
