import { expect, test } from 'vitest';

import { closePage, looksRight, noBrowser, openPage, takeComplaints, useBrowser } from './browser-kit.ts';
import { servedBoard, TOKEN, until } from './dashboard-kit.ts';

useBrowser();

test.skipIf(noBrowser)(
  '[DB23] the users where there are none and the dialogs look right in each theme and width',
  async () => {
    const { url } = await servedBoard({ loopbackOnly: true, actions: true });
    const page = await openPage(`${url}#/users`);
    await page.getByText('Nobody of this kind is here.').waitFor();
    await looksRight(page, 'users of 0');
    await page.goto(`${url}#/user/ada`);
    await page.getByText('It holds none at present.').waitFor();
    await page.getByRole('button', { name: 'Set limit' }).click();
    await page.getByRole('dialog').getByLabel('managers').fill('5');
    await looksRight(page, 'override dialog');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByText('This cannot be taken back').waitFor();
    await looksRight(page, 'drain dialog');
    await closePage(page);
  },
);

test.skipIf(noBrowser)(
  '[DB23] so does every page with one manager at its limit, one that ended, and an alert',
  async () => {
    const { url, client, factory } = await servedBoard(
      { loopbackOnly: true, actions: true, alerts: { intervalMs: 100 } },
      { maxManagersPerUser: 1 },
    );
    await client('ada');
    const [manager] = factory.managersOf('ada');
    manager?.defer(() => undefined, { name: 'unsubscribe' });
    const ended = factory.tryAdmit({ user: 'bob' }, { withoutConnection: true });
    if (ended.admitted) await ended.manager.close('went home');
    // Who is refused at its limit is an alert at once.
    await until(() => !factory.tryAdmit({ user: 'ada' }, { withoutConnection: true }).admitted, 'ada is refused');
    const page = await openPage(`${url}#/alerts`);
    await page.locator('#firing').getByRole('link', { name: 'ada' }).first().waitFor();
    await looksRight(page, 'alerts');
    for (const [name, hash, seen] of [
      ['overview of 1', '#/overview', 'ada is at its limit, 1 of 1'],
      ['users', '#/users', '1 to 1 of 1 user'],
      ['user', '#/user/ada', 'owns'],
      ['ends', '#/ends', 'went home'],
    ] as const) {
      await page.goto(`${url}${hash}`);
      await page.getByText(seen).filter({ visible: true }).first().waitFor();
      await looksRight(page, name);
    }
    await closePage(page);
  },
);

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
