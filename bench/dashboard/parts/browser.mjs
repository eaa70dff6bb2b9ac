// @ts-check
// What a page of the dashboard is like to use: how long its frames take, in the time from one to the next.
import { chromium } from 'playwright-core';
import { systemPart } from '../../../scripts/system-parts.mjs';

/** Run in the page, as text: every frame of so many milliseconds, and every task that held it up. @param {number} forMs */
const watchFrames = (forMs) => `new Promise((resolve) => {
  const framesMs = [];
  const longTasksMs = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration);
  }).observe({ entryTypes: ['longtask'] });
  const beganAtMs = performance.now();
  let lastMs = beganAtMs;
  const next = () => {
    const nowMs = performance.now();
    framesMs.push(nowMs - lastMs);
    lastMs = nowMs;
    if (nowMs - beganAtMs < ${forMs}) requestAnimationFrame(next);
    else resolve({ framesMs, longTasksMs });
  };
  requestAnimationFrame(next);
})`;

/**
 * Frames of the overview as it changes, and of the list of users while it is searched.
 *
 * @param {string} url
 * @param {number} forMs of each
 * @returns {Promise<{ page: string, framesMs: number[], longTasksMs: number[] }[] | undefined>} `undefined`: no browser here
 */
export async function framesOf(url, forMs) {
  const executablePath = systemPart('chromium');
  if (executablePath === undefined) return undefined;
  const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    /** @type {{ page: string, framesMs: number[], longTasksMs: number[] }[]} */
    const seen = [];
    await page.goto(url);
    await page.locator('.plot canvas').first().waitFor();
    /** @param {string} name @param {Promise<unknown>} frames */
    const keep = async (name, frames) => {
      const watched = /** @type {{ framesMs: number[], longTasksMs: number[] }} */ (await frames);
      seen.push({ page: name, ...watched });
    };
    await keep('overview, live', page.evaluate(watchFrames(forMs)));
    await page.goto(`${url}#/users`);
    const search = page.getByRole('searchbox');
    await search.waitFor();
    const frames = page.evaluate(watchFrames(forMs));
    const endsAtMs = performance.now() + forMs - 500;
    for (let number = 0; performance.now() < endsAtMs; number += 1) await search.fill(`user-${number * 37}`);
    await keep('users, searched all the time', frames);
    return seen;
  } finally {
    await browser.close();
  }
}
