import { expect, test } from 'vitest';

import { closePage, looksRight, noBrowser, openPage, takeComplaints, useBrowser } from './browser-kit.ts';
import { servedBoard, TOKEN } from './dashboard-kit.ts';

useBrowser();

test.skipIf(noBrowser)(
  '[DB23] the page that asks for the token, and that of nobody, look right in each theme and width',
  async () => {
    const { url } = await servedBoard();
    const page = await openPage(url);
    await page.getByLabel('Token of this dashboard').fill('not the right token at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'the token is not the one' }).waitFor();
    await looksRight(page, 'sign-in');
    // The browser tells of each answer that is a refusal.
    expect(takeComplaints().filter((text) => !text.includes('401'))).toEqual([]);
    await page.getByLabel('Token of this dashboard').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: '0 managers of 0 users, nobody at a limit' }).waitFor();
    await looksRight(page, 'overview of 0');
    await closePage(page);
  },
);
