// @ts-check
import { mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** @import { Change, Overview, UserPage } from '@watertight/dashboard' */

const PICTURES = fileURLToPath(new URL('../../.watertight/incident/', import.meta.url));

/** The dashboard of a server, asked as a script would, and looked at as a person would. */
export class Board {
  #url;

  /** @param {string} url of the server */
  constructor(url) {
    this.#url = `${url}/watertight/`;
  }

  async overview() {
    return /** @type {Overview} */ (await this.#json('api/overview'));
  }

  /** @param {string} user */
  async user(user) {
    return /** @type {UserPage} */ (await this.#json(`api/user?user=${encodeURIComponent(user)}`));
  }

  /** What is told to whoever watches, up to the first change. @returns {Promise<readonly Change[]>} */
  firstChange() {
    return new Promise((resolve, reject) => {
      const asked = get(`${this.#url}api/events`, (response) => {
        let text = '';
        response.on('data', (/** @type {Buffer} */ chunk) => {
          text += chunk.toString();
          const [, data] = /event: change\ndata: (.*)\n\n/.exec(text) ?? [];
          if (data === undefined) return;
          asked.destroy();
          resolve(/** @type {readonly Change[]} */ (JSON.parse(data)));
        });
      });
      asked.on('error', reject);
    });
  }

  /**
   * What a person sees who opens the page, clicks on the name at its top, and reads.
   *
   * @param {string} browserProgram
   * @param {string} user
   */
  async look(browserProgram, user) {
    const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    const browser = await chromium.launch({ executablePath: browserProgram, args });
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      await page.goto(this.#url);
      mkdirSync(PICTURES, { recursive: true });
      await page.getByRole('heading', { name: `${user} is at its limit` }).waitFor();
      const headline = await page.getByRole('heading', { level: 1 }).innerText();
      const alert = await page.locator('.firing li').first().innerText();
      await page.screenshot({ path: join(PICTURES, 'overview.png') });
      await page.getByRole('link', { name: user, exact: true }).first().click();
      await page.getByRole('heading', { name: user, exact: true }).waitFor();
      const first = await page.getByRole('article').first().innerText();
      await page.screenshot({ path: join(PICTURES, 'user.png') });
      return { headline, alert, first: first.replaceAll(/\s+/g, ' '), pictures: PICTURES };
    } finally {
      await browser.close();
    }
  }

  /** @param {string} path @returns {Promise<unknown>} */
  async #json(path) {
    const response = await fetch(`${this.#url}${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return await response.json();
  }
}
