import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axeCore from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { systemPart } from '../../../scripts/system-parts.mjs';
import { renderHtml } from '../../watertight/src/report/html.ts';
import type { CheckResult } from '../../watertight/src/verdict/types.ts';
import { HOSTILE, hostileLeak, leakOfSessions, leaky, withFindings } from '../../watertight/test/sample-finding.ts';
import { sample } from '../../watertight/test/sample-result.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../watertight/dist/report/page.html', import.meta.url)), 'utf8');
const program = systemPart('chromium') ?? '';
/** `npm test` has said loudly that it is not there. */
const noBrowser = program === '';
const folder = mkdtempSync(join(tmpdir(), 'watertight-page-'));

let browser: Browser | undefined;
beforeAll(async () => {
  if (program === '') return;
  const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  browser = await chromium.launch({ executablePath: program, args });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const complaints: string[] = [];
/** Whatever a test was about: no error, no request to elsewhere. */
afterEach(() => expect(complaints.splice(0)).toEqual([]));

async function open(result: CheckResult, options: BrowserContextOptions = {}): Promise<Page> {
  if (browser === undefined) throw new Error('there is no browser');
  const file = join(folder, 'report.html');
  writeFileSync(file, renderHtml(result, PAGE));
  const context = await browser.newContext({ viewport: { width: 1_400, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('h1');
  return page;
}
const close = async (page: Page): Promise<void> => await page.context().close();
const textOf = async (page: Page, selector: string): Promise<string> => await page.locator(selector).innerText();

/** What axe has to say of a page, one line for each rule that is broken; of one rule alone where it is named. */
async function axe(page: Page, rule?: string): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  const options = { resultTypes: ['violations'], ...(rule === undefined ? {} : { runOnly: [rule] }) };
  const found: unknown = await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' ')))`);
  return found as readonly string[];
}

describe('the page of the report', () => {
  test('[H21] is one file with a policy, notices, and the result as data', () => {
    const html = renderHtml(leaky, PAGE);
    expect(html).toMatch(
      /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; /,
    );
    expect(html).toContain('preact 11.2.0 (MIT)');
    expect(html).toContain('uplot 1.6.32 (MIT)');
    expect(html).not.toMatch(/(?:src|href)="(?!#)/);
    const [, data = ''] = /<script type="application\/json" id="result">([^]*?)<\/script>/.exec(html) ?? [];
    expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(leaky)));
    expect(() => renderHtml(leaky, '<html>')).toThrow('has no {{result}}');
  });

  test.skipIf(noBrowser)('[H21, H24] runs nothing but its own, whatever a target is called', async () => {
    const page = await open(withFindings([hostileLeak]));
    expect(await page.locator('img').count()).toBe(0);
    expect(await textOf(page, '.causes')).toContain(HOSTILE.slice(0, HOSTILE.indexOf('\u001b')));
    expect(await textOf(page, '.excerpt')).toContain('</script><b>bold</b>');
    expect(await page.locator('.excerpt b').count()).toBe(0);
    // A script that somebody smuggles in is not run: the policy knows ours alone.
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken"';
      document.body.append(script);
    `);
    expect(await page.title()).toBe('Watertight report');
    expect(complaints.splice(0).join('\n')).toContain('Content Security Policy');
    await close(page);
  });

  test.skipIf(noBrowser)('[H22] begins with verdict and causes, then the promises', async () => {
    const page = await open(leaky);
    const answer = await textOf(page, '.answer');
    expect(answer).toMatch(/^LEAK/);
    expect(answer).toContain('Connections leave 3 things behind');
    expect(answer).toContain('src/chat room.ts:12');
    expect(answer).toContain('11.9 MB a day at 1 connection a second');
    expect(answer).toContain(
      'kept by Map sessions (src/chat room.ts:4) ← module scope · stays after rst, vanish, not after close-frame',
    );
    expect(answer).not.toContain('Cache');
    expect(await textOf(page, '#promises')).toMatch(/limit\s+kept\s+20 managers per user/);
    expect(await textOf(page, '#promises')).toMatch(/silence detected within\s+not promised/);
    await close(page);
  });

  test.skipIf(noBrowser).each([
    [
      'violation',
      { ...sample, verdict: 'violation', stopped: null },
      'One promise is broken',
      'after 100 cycles 100 timers stayed',
    ],
    [
      'inconclusive',
      { ...sample, verdict: 'inconclusive', scenarios: [] },
      'The run ended before it could tell',
      'the target crashed',
    ],
    [
      'watertight',
      { ...sample, verdict: 'watertight', scenarios: sample.scenarios.slice(0, 1), stopped: null },
      'Nothing stays behind: 1 of 2 checks held',
      '312 connections',
    ],
  ] as const)('[H22] answers %s', async (verdict, result, headline, detail) => {
    const page = await open(result);
    const answer = await textOf(page, '.answer');
    expect(answer).toContain(verdict.toUpperCase());
    expect(answer).toContain(headline);
    expect(answer).toContain(detail);
    await close(page);
  });

  test.skipIf(noBrowser)('[H23] shows of a leak source, growth, endings, cost, keepers and stacks', async () => {
    const page = await open(leaky);
    const leak = page.locator(`#leak-${leakOfSessions.fingerprint}`);
    expect(await leak.locator('mark').innerText()).toContain('const session = new Session(socket);');
    expect(await leak.locator('.line-number').allInnerTexts()).toEqual(['10', '11', '12', '13']);
    await leak.locator('.plot summary').click();
    expect(await leak.locator('.plot tbody tr').allInnerTexts()).toEqual([
      '0\t0\t0',
      '37\t37\t1',
      '71\t71\t–',
      '100\t100\t0',
    ]);
    expect(await leak.innerText()).toMatch(/rst\s+vanish\s+not after close-frame/);
    expect(await leak.innerText()).toContain('144 B a connection, 11.9 MB and 86,400 of them a day');
    await page.locator('.rate select').selectOption('1440');
    await page.locator('.rate input').fill('30');
    expect(await leak.innerText()).toContain('5.9 MB and 43,200 of them a day');
    expect(await leak.locator('.tree .leaf').innerText()).toContain('Session');
    expect(await leak.locator('.frame').allInnerTexts()).toEqual([
      expect.stringContaining('onUpgrade'),
      expect.stringContaining('(anonymous)'),
    ]);
    expect(await page.locator('.timeline .plot').count()).toBe(3);
    const late = page.locator('.spreads tr', { hasText: 'socket gone' });
    expect(await late.innerText()).toMatch(/600 ms\s+of 500 ms/);
    expect(await late.locator('.late').count()).toBe(1);
    expect(await page.locator('.spreads tr', { hasText: 'silence noticed' }).locator('.late').count()).toBe(0);
    await close(page);
  });

  test.skipIf(noBrowser)('[H23] of an older result it says what was not recorded', async () => {
    const { excerpt: _, allocations: __, ...older } = leakOfSessions;
    const page = await open({
      ...sample,
      scenarios: sample.scenarios.map((one) => ({ ...one, findings: [{ ...older, windows: [] }] })),
    });
    expect(await textOf(page, '#leaks')).toContain('The source was not recorded.');
    expect(await textOf(page, '#leaks')).toContain('Growth over windows was not recorded.');
    await close(page);
  });

  test.skipIf(noBrowser)('[H25] with 200 leaks is drawn in less than a second', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...leakOfSessions, fingerprint: `f${index}` }));
    const drawnMs: number[] = [];
    // On a busy machine the quickest of a few says what the page itself takes.
    while (drawnMs.length < 4 && !drawnMs.some((ms) => ms < 1_000)) {
      const page = await open(withFindings(many));
      expect(await page.locator('#leaks .card').count()).toBe(200);
      drawnMs.push(Number(await page.evaluate(`performance.getEntriesByType('paint').at(-1)?.startTime ?? Infinity`)));
      await close(page);
    }
    expect(Math.min(...drawnMs)).toBeLessThan(1_000);
  });

  test.skipIf(noBrowser)(
    '[H25] axe finds nothing, light or dark, and from 390 to 1400 pixels nothing is too wide',
    async () => {
      const page = await open(leaky);
      for (const [colorScheme, width] of [
        ['light', 1_400],
        ['dark', 390],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        expect(await axe(page), `${colorScheme}, ${width} px`).toEqual([]);
      }
      await page.evaluate(`document.querySelector('.rate select').removeAttribute('aria-label')`);
      expect((await axe(page, 'select-name')).join('\n'), 'axe sees what is wrong').toContain('select-name');
      await close(page);
    },
  );

  test.skipIf(noBrowser)('[H26] opens a closed leak by keyboard, and copies as Markdown', async () => {
    const page = await open(leaky, { permissions: ['clipboard-read', 'clipboard-write'] });
    const summary = page.locator('#leak-bad0bad0 > summary');
    expect(await page.locator('#leak-bad0bad0 .card-body').count()).toBe(0);
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.locator('#leak-bad0bad0 .card-body').waitFor();
    await page.locator('#leak-f00dfeed01 > .card-body > .copy button').press('Enter');
    await page.getByText('Copied', { exact: true }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toMatch(
      /^### 1 Session per connection \(144 B\)\n\n- allocated: src\/chat room\.ts:12:7 in onUpgrade\n/,
    );
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    await close(page);
  });
});
