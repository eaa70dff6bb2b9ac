import { memoryQuota, type Quota } from '@watertight/server';
import { expect, test } from 'vitest';

import { closePage, noBrowser, openPage, SOON, useBrowser } from './browser-kit.ts';
import { factoryOf, servedBoard, until } from './dashboard-kit.ts';

useBrowser();

/** A quota whose store is there until the wire to it is cut. */
function quotaOnWire(): { readonly quota: Quota; readonly wire: { isCut: boolean } } {
  const { store, terms } = memoryQuota({ leaseTtlMs: 3000, noticeIntervalMs: 50 });
  const wire = { isCut: false };
  const end = new Proxy(store, {
    get: (_, key) => {
      const value: unknown = Reflect.get(store, key, store);
      if (typeof value !== 'function' || key === 'onReconnect') return value;
      return async (...given: unknown[]): Promise<unknown> => {
        if (wire.isCut) throw new Error('the wire is cut');
        return await Reflect.apply(value, store, given);
      };
    },
  });
  return { quota: { store: end, terms }, wire };
}

test.skipIf(noBrowser)(
  '[DB10, DB19] several nodes are seen on every page, and that their store does not answer',
  async () => {
    const { quota, wire } = quotaOnWire();
    const told = new Set<string>();
    const onError = (error: unknown): void => void told.add(String(error));
    const here = factoryOf({ name: 'here', quota, onError });
    const there = factoryOf({ name: 'there', quota, onError });
    for (const [factory, user] of [
      [here, 'ada'],
      [there, 'ada'],
      [there, 'ada'],
      [there, 'bob'],
    ] as const)
      await factory.admit({ user }, { withoutConnection: true });
    const { url } = await servedBoard({ factory: here, loopbackOnly: true });
    await until(() => here.shared?.state().nodes === 2, 'the other node is known');
    const page = await openPage(url);
    const tile = (name: string) => page.locator('.tile', { has: page.getByText(name, { exact: true }) });
    await tile('Nodes').getByText('memory answers; 1 lease here, 0 lost').waitFor();
    await expect.poll(async () => await tile('Nodes').locator('b').innerText(), SOON).toBe('2');
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByText('1 to 1 of 1 user', { exact: true }).waitFor();
    await page.locator('#users').getByRole('combobox').selectOption('all 2 nodes');
    await page.getByText('2 users on this page').waitFor();
    await expect
      .poll(async () => (await page.locator('#users tbody tr').allInnerTexts()).toSorted(), SOON)
      .toEqual([expect.stringMatching(/^ada\s+3$/), expect.stringMatching(/^bob\s+1$/)]);
    await page.getByRole('link', { name: 'ada' }).click();
    await page.getByRole('heading', { name: 'ada', exact: true }).waitFor();
    const everywhere = tile('On all nodes');
    await expect.poll(async () => await everywhere.locator('b').innerText(), SOON).toBe('3');
    const perNode = [here, there].map((factory) => factory.shared?.state().nodeId);
    await expect.poll(async () => await everywhere.innerText(), SOON).toContain(`${perNode[0]} 1`);
    await expect.poll(async () => await everywhere.innerText(), SOON).toContain(`${perNode[1]} 2`);
    wire.isCut = true;
    await everywhere.getByText('the store does not answer').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'The store of the shared limits does not answer for' }).waitFor();
    await page.getByText('act now').waitFor();
    await tile('Nodes').getByText('memory does not answer for').waitFor();
    expect([...told]).toEqual(['Error: the wire is cut']);
    wire.isCut = false;
    await page.getByRole('heading', { name: '1 manager of 1 user, nobody at a limit' }).waitFor();
    await closePage(page);
  },
);
