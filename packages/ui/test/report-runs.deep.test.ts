import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';

import {
  closePage,
  faultsOf,
  keepPicture,
  LOOKS,
  noBrowser,
  openPage,
  useBrowser,
} from '../../dashboard/test/browser-kit.ts';
import type { CheckResult } from '../../watertight/src/verdict/types.ts';
import { runCli } from '../../watertight/test/cli-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIMIT = 'manager-creation-limit-enforcement';
const CYCLES = 'rapid-connection-cycles-stress';
const SERVER = ['--', process.execPath, 'packages/watertight/test/servers/server.mjs'];
/** What hangs is ended: the leak takes half a minute where nobody else computes. */
const LONGEST_MS = 300_000;

/** A scenario has up to some forty steps, which a phone cannot show in one row. */
const STICKS_OUT = `[...document.querySelectorAll('.steps-bar')].filter((bar) => {
  const { right } = bar.parentElement.getBoundingClientRect();
  return bar.getBoundingClientRect().right > right - parseFloat(getComputedStyle(bar.parentElement).paddingRight) + 1;
}).length`;

interface Run {
  readonly is: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly verdict: string;
  /** What this page shows beside what every page does. */
  readonly shows: (page: Page) => Promise<void>;
}

const RUNS: readonly Run[] = [
  {
    is: 'a leak',
    args: ['--config', 'examples/chat/leaky.config.json', '--settle', '1000', '--cycles', '40'],
    code: 1,
    verdict: 'LEAK',
    async shows(page) {
      const leak = page.locator('#leaks .card', { hasText: 'Seat' }).first();
      expect(await leak.locator('mark').innerText()).toContain('constructor(id, user, socket)');
      expect(await leak.locator('.excerpt figcaption').innerText()).toMatch(/^examples\/chat\/leaky\.js:\d+$/);
      expect(await leak.locator('.tree .leaf').innerText()).toMatch(/Seat\s+examples\/chat\/leaky\.js:19\s+stays/);
      expect(await leak.locator('.tree').innerText()).toMatch(/rooms\s+Map/);
      expect(await leak.locator('.frame.application').first().innerText()).toContain('leaky.js:');
      await leak.locator('.tree summary', { hasText: 'from the root' }).click();
      await leak.locator('.tree li').first().waitFor({ state: 'visible' });
      expect(await page.locator(`#scenarios .card`, { hasText: CYCLES }).locator('.timeline .plot').count()).toBe(2);
    },
  },
  {
    is: 'a server that is watertight',
    args: ['--config', 'examples/chat/watertight.config.json', '--only', CYCLES, '--only', LIMIT],
    code: 0,
    verdict: 'WATERTIGHT',
    async shows(page) {
      expect(await page.locator('#leaks, #violations').count()).toBe(0);
      expect(await page.locator('.timeline .plot figcaption').allInnerTexts()).toEqual(['Managers', 'Sockets', 'Heap']);
    },
  },
  {
    is: 'a broken promise',
    args: ['--limit', '3', '--only', LIMIT, ...SERVER, 'plain'],
    code: 1,
    verdict: 'VIOLATION',
    async shows(page) {
      expect(await page.locator('#violations').innerText()).toContain('limit-not-enforced');
      expect(await page.locator('#promises').innerText()).toMatch(/limit\s+broken\s+3 managers per user/);
    },
  },
  {
    is: 'a run that cannot tell',
    args: ['--only', CYCLES, ...SERVER, 'crashes-after', '10'],
    code: 3,
    verdict: 'INCONCLUSIVE',
    async shows(page) {
      expect(await page.locator('.stopped').innerText()).toContain('connection 11 was too much');
    },
  },
];

useBrowser();

test.skipIf(noBrowser).each(RUNS)(
  '[H27] of $is the written page shows verdict and command, light and dark, narrow and wide',
  async ({ is, args, code, verdict, shows }) => {
    const folder = mkdtempSync(join(tmpdir(), 'watertight-run-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ended = await runCli(['check', '--report-dir', folder, ...args], { cwd: ROOT, deadlineMs: LONGEST_MS });
    expect(ended, ended.stdout + ended.stderr).toMatchObject({ code, signal: null });
    const { command } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as CheckResult;
    expect(command).toContain(`watertight check --report-dir ${folder} ${args.slice(0, 2).join(' ')}`);
    for (const look of LOOKS) {
      const page = await openPage(pathToFileURL(join(folder, 'report.html')).href);
      expect(await faultsOf(page, look), JSON.stringify(look)).toEqual([]);
      expect(await page.evaluate(STICKS_OUT), 'rows of boxes that leave their card').toBe(0);
      expect(await page.locator('.verdict').innerText()).toBe(verdict);
      expect(await page.locator('#environment .command').innerText()).toBe(command);
      await shows(page);
      await keepPicture(page, `report-${is.replaceAll(' ', '-')}-${look.colorScheme}-${look.width}`);
      await closePage(page);
    }
  },
  LONGEST_MS + 120_000,
);
