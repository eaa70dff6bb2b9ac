import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';

import { axe, closePage, looksRight, noBrowser, openPage, SOON, takeComplaints, useBrowser } from './browser-kit.ts';
import { atEnd, factoryOf, servedBoard, TOKEN, until } from './dashboard-kit.ts';

useBrowser();

const HOSTILE = `<img src=x onerror=alert(1)>\u202e"'&\u2066 https://evil.example/#?%`;
/** What is shown of it. */
const SHOWN = `<img src=x onerror=alert(1)>\\u{202e}"'&\\u{2066} https://evil.example/#?%`;

test.skipIf(noBrowser)('[DB18] a token is asked for, a wrong one is told, and nothing is seen before', async () => {
  const { url } = await servedBoard();
  const page = await openPage(url);
  const field = page.getByLabel('Token of this dashboard');
  await field.fill('not the right token at all');
  await field.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'the token is not the one' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(await axe(page)).toEqual([]);
  // The browser tells of each answer that is a refusal.
  expect(takeComplaints().filter((text) => !text.includes('401'))).toEqual([]);
  await field.fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: '0 managers of 0 users, nobody at a limit' }).waitFor();
  expect(await page.evaluate('document.cookie')).toBe('');
  await page.reload();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await field.waitFor();
  await page.reload();
  await field.waitFor();
  expect(takeComplaints().filter((text) => !text.includes('401'))).toEqual([]);
  await closePage(page);
});

test.skipIf(noBrowser)('[DB19] the overview says who is at its limit, by itself, and when nobody answers', async () => {
  const { url, client, factory, server, port } = await servedBoard({ loopbackOnly: true }, { maxManagersPerUser: 2 });
  const page = await openPage(url);
  await page.getByRole('heading', { name: '0 managers of 0 users, nobody at a limit' }).waitFor();
  await client('ada');
  await client('ada');
  await page.getByRole('heading', { name: 'ada is at its limit, 2 of 2' }).waitFor();
  await client('ada').catch(() => undefined);
  factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  await page.locator('#refused tr', { hasText: 'user-limit' }).waitFor();
  await page.locator('.tile', { hasText: 'Managers' }).getByText('2', { exact: true }).waitFor();
  await expect
    .poll(async () => await page.locator('#cleanup').innerText(), SOON)
    .toContain('The line is the deadline of 500 ms.');
  await expect.poll(async () => await page.locator('.plot canvas').count(), SOON).toBe(4);
  await page.locator('.plot summary').first().click();
  await page.locator('.plot tbody tr').first().waitFor();
  await page.locator('#largest').getByRole('link', { name: 'ada' }).click();
  await page.getByRole('heading', { name: 'ada', exact: true }).waitFor();
  server.close();
  server.closeAllConnections();
  await page.getByText('connection lost, trying again').waitFor();
  takeComplaints();
  server.listen(port, '127.0.0.1');
  await page.getByText('live', { exact: true }).waitFor();
  takeComplaints();
  await closePage(page);
});

test.skipIf(noBrowser)(
  '[DB19] a wire that has gone dead without a word is told, and followed anew once it is there again',
  async () => {
    const { board, port, factory } = await servedBoard({ loopbackOnly: true });
    let isDead = false;
    const wires = new Set<Socket>();
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        wires.add(from);
        from.on('data', (chunk) => isDead || to.write(chunk));
        from.on('error', () => to.destroy()).on('close', () => void to.destroy());
      }
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    atEnd(() => {
      for (const wire of wires) wire.destroy();
      relay.close();
    });
    const page = await openPage(`http://127.0.0.1:${(relay.address() as AddressInfo).port}${board.path}`);
    await page.getByText('live', { exact: true }).waitFor();
    isDead = true;
    await page.getByText('connection lost, trying again').waitFor();
    isDead = false;
    factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('heading', { name: '1 manager of 1 user' }).waitFor();
    takeComplaints();
    await closePage(page);
  },
);

test.skipIf(noBrowser)(
  '[DB20, DB23] 100 000 managers: users are there at once, paged, searched and filtered',
  async () => {
    const factory = factoryOf({ maxManagersPerUser: false });
    for (let number = 0; number < 100_000; number += 1)
      factory.tryAdmit({ user: `user-${number % 20_000}` }, { withoutConnection: true });
    for (let count = 0; count < 7; count += 1) factory.tryAdmit({ user: 'Ada' }, { withoutConnection: true });
    const { url } = await servedBoard({ factory, loopbackOnly: true });
    const page = await openPage(`${url}#/users`);
    await page.getByText('1 to 50 of 20,001 users').waitFor();
    const rows = page.locator('#users tbody tr');
    expect(await rows.first().innerText()).toMatch(/^Ada\s+no limit\s+7\s+none/);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('51 to 100 of 20,001 users').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByText('1 to 50 of 20,001 users').waitFor();
    const tookMs: number[] = [];
    // On a busy machine the quickest of a few says what it takes.
    while (tookMs.length < 4 && !tookMs.some((ms) => ms < 2000)) {
      const beganAtMs = performance.now();
      await page.getByRole('searchbox').fill(`USER-1999${tookMs.length}`);
      await page.getByText('1 to 1 of 1 user', { exact: true }).waitFor();
      tookMs.push(performance.now() - beganAtMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(2000);
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('holds at least').fill('6');
    await page.getByText('1 to 1 of 1 user', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Ada' }).click();
    await page.getByRole('heading', { name: 'Ada' }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: '100,007 managers of 20,001 users, nobody at a limit' }).waitFor();
    await looksRight(page, 'overview of 100000');
    await closePage(page);
  },
);

test.skipIf(noBrowser)('[DB21] after asking, a manager is ended, all are, a limit is set and lifted', async () => {
  const { url, client, factory } = await servedBoard({ loopbackOnly: true, actions: true });
  for (let count = 0; count < 3; count += 1) await client('ada');
  const [first] = factory.managersOf('ada');
  first?.defer(() => undefined, { name: 'unsubscribe' });
  const page = await openPage(`${url}#/user/ada`);
  const confirm = async (opener: string, button: string, told: string): Promise<void> => {
    await page.getByRole('button', { name: opener }).click();
    const dialog = page.getByRole('dialog');
    if (opener === 'Set limit') await dialog.getByRole('spinbutton').fill('5');
    await dialog.getByRole('button', { name: button }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('status').filter({ hasText: told }).waitFor();
  };
  const card = page.getByRole('article').first();
  await card.getByText(/^owns \d+ resources?$/).click();
  await card.getByText('unsubscribe').waitFor();
  expect(await card.innerText()).toMatch(/pages\.deep\.test\.ts:\d+/);
  expect(await axe(page)).toEqual([]);
  // Asked, and thought better of.
  await page.getByRole('button', { name: `End manager ${first?.id}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  expect(factory.usage('ada').held).toBe(3);
  await confirm(`End manager ${first?.id}`, 'End it', 'ended in');
  expect([factory.usage('ada').held, first?.state]).toEqual([2, 'closed']);
  await confirm('Set limit', 'Set it', 'may hold 5');
  await page.getByText('a limit of its own;').waitFor();
  expect(factory.usage('ada').limit).toBe(5);
  await confirm('Lift its own limit', 'Lift it', 'the options hold again');
  await confirm('End all', 'End all of them', '2 managers ended');
  await page.getByText('It holds none at present.').waitFor();
  await expect.poll(async () => await page.locator('#ends tbody tr').allInnerTexts(), SOON).toHaveLength(3);
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.locator('#done tbody tr').nth(3).waitFor();
  expect(await page.locator('#done tbody tr').first().innerText()).toMatch(/end-user\s+ada\s+loopback/);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('button', { name: 'Emergency cleanup' }).click();
  await page.getByText('Of 0 managers now: 0 dead and 0 never attached would go').waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Run it' }).click();
  await page.getByRole('status').filter({ hasText: '0 managers removed' }).waitFor();
  await closePage(page);
});

test.skipIf(noBrowser)('[DB21] where nothing may be done there is no button for it', async () => {
  const { url, client } = await servedBoard({ loopbackOnly: true });
  await client('ada');
  const page = await openPage(`${url}#/user/ada`);
  await page.getByRole('article').waitFor();
  expect(await page.getByRole('button').allInnerTexts()).toEqual([expect.stringContaining('auto')]);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.locator('#largest').waitFor();
  expect(await page.locator('#act').count()).toBe(0);
  await closePage(page);
});

test.skipIf(noBrowser)('[DB25] several factories: each by itself, and a drain of one of them', async () => {
  const chat = factoryOf({ maxManagersPerUser: 1 });
  const jobs = factoryOf({ name: 'jobs', maxManagersPerUser: 1 });
  for (const user of ['bob', 'eve']) chat.tryAdmit({ user }, { withoutConnection: true });
  for (let attempt = 0; attempt < 2; attempt += 1) jobs.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  const { url } = await servedBoard({
    factory: chat,
    factories: [jobs],
    loopbackOnly: true,
    actions: true,
    alerts: { intervalMs: 100 },
  });
  jobs.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  const page = await openPage(url);
  await page.getByRole('heading', { name: '2 users are at their limit' }).waitFor();
  // An alert of the other one leads to its user there.
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.locator('#firing').getByText('jobs').first().waitFor();
  await page.locator('#firing').getByRole('link', { name: 'ada' }).first().click();
  await page.getByRole('heading', { name: 'ada', exact: true }).waitFor();
  const select = page.getByLabel('Factory');
  expect(await select.inputValue()).toBe('jobs');
  await expect.poll(async () => await page.getByRole('article').count(), SOON).toBe(1);
  await select.selectOption('chat');
  await page.getByText('It holds none at present.').waitFor();
  await select.selectOption('jobs');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { name: 'ada is at its limit, 1 of 1' }).waitFor();
  await page.getByRole('button', { name: 'Drain' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.innerText()).toContain('1 manager of 1 user will be closed');
  await dialog.getByLabel('over seconds').fill('0');
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close everybody' }).click();
  await page.getByRole('status').filter({ hasText: '1 manager will be closed within 0 ms' }).waitFor();
  await page.getByRole('heading', { name: 'It is closed: 0 managers of 0 users left' }).waitFor();
  expect([jobs.stats().state, chat.stats().state, chat.stats().active]).toEqual(['closed', 'open', 2]);
  await select.selectOption('chat');
  await page.getByRole('button', { name: 'Drain' }).waitFor();
  await closePage(page);
});

test.skipIf(noBrowser)(
  '[DB22, DB23] on every page hostile names are text, axe is content and nothing is too wide',
  async () => {
    const { url, client, factory } = await servedBoard(
      { loopbackOnly: true, actions: true },
      { maxManagersPerUser: 3 },
    );
    for (let count = 0; count < 3; count += 1) await client(HOSTILE);
    const other = factory.tryAdmit({ user: 'w'.repeat(200), sessionId: HOSTILE }, { withoutConnection: true });
    const ended = factory.tryAdmit({ user: HOSTILE.slice(1) }, { withoutConnection: true });
    if (ended.admitted) {
      ended.manager.defer(() => Promise.reject(new Error('no')), { name: '<b>bold</b>' });
      await ended.manager.close(HOSTILE);
    }
    if (other.admitted) other.manager.defer(() => undefined, { name: HOSTILE });
    await until(() => factory.usage(HOSTILE).held === 3, 'it is at its limit');
    const page = await openPage(url, { colorScheme: 'dark' });
    for (const [hash, seen] of [
      ['#/overview', `${SHOWN} is at its limit, 3 of 3`],
      ['#/users', SHOWN],
      [`#/user/${encodeURIComponent(HOSTILE)}`, SHOWN],
      [`#/user/${'w'.repeat(200)}`, `session ${SHOWN}`],
      ['#/ends', SHOWN],
      ['#/alerts', 'Firing now'],
    ] as const) {
      await page.goto(`${url}${hash}`);
      await page.getByText(seen).filter({ visible: true }).first().waitFor();
      expect(await page.locator('img, b b, main script').count(), hash).toBe(0);
      for (const [colorScheme, width, rule] of [
        ['dark', 390, undefined],
        ['light', 1400, 'color-contrast'],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBeLessThanOrEqual(width);
        expect(await axe(page, rule), `${hash}, ${colorScheme}, ${width} px`).toEqual([]);
      }
    }
    await closePage(page);
  },
);

test.skipIf(noBrowser)('[DB5, DB22] a script that somebody smuggles in is not run', async () => {
  const { url } = await servedBoard({ loopbackOnly: true });
  const page = await openPage(url);
  await page.getByRole('heading', { name: '0 managers' }).waitFor();
  await page.evaluate(`
    const script = document.createElement('script');
    script.textContent = 'document.body.dataset.taken = "yes"';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<i onclick="document.body.dataset.taken = 1" id="trap">x</i>');
    document.getElementById('trap').click();
  `);
  expect(await page.evaluate('document.body.dataset.taken')).toBeUndefined();
  expect(takeComplaints().join('\n')).toContain('Content Security Policy');
  await closePage(page);
});
