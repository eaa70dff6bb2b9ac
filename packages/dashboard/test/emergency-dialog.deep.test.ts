import type { EmergencyPreview } from '@watertight/server';
import { expect, test } from 'vitest';

import { closePage, noBrowser, openPage, useBrowser } from './browser-kit.ts';
import { servedBoard, until } from './dashboard-kit.ts';

useBrowser();

test.skipIf(noBrowser)(
  '[DB14, DB21] an emergency cleanup says whom it would ask, and removes who is silent',
  async () => {
    const { url, client, factory, get } = await servedBoard(
      { loopbackOnly: true, actions: true },
      // Silent soon, and not ended for that while the dialog is read.
      { heartbeatIntervalMs: 100, heartbeatMisses: 50, probeTimeoutMs: 100 },
    );
    const deaf = await client('ada');
    deaf.pause();
    await until(
      async () => ((await get('api/emergency-preview')).json as EmergencyPreview).ask === 1,
      'who is deaf is a suspect',
    );
    const page = await openPage(url);
    await page.getByRole('button', { name: 'Emergency cleanup' }).click();
    const dialog = page.getByRole('dialog');
    const dry = dialog
      .getByRole('status')
      .filter({ hasText: 'Of 1 manager now: 0 dead and 0 never attached would go' });
    await dry.filter({ hasText: '1 would be asked for a sign of life' }).waitFor();
    await dialog.getByLabel('level').selectOption('conservative');
    await dry.filter({ hasText: '0 would be asked for a sign of life' }).waitFor();
    await dialog.getByLabel('level').selectOption('moderate');
    await dry.filter({ hasText: '1 would be asked for a sign of life' }).waitFor();
    expect(factory.usage('ada').held).toBe(1);
    await dialog.getByRole('button', { name: 'Run it' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: '1 manager removed (0 dead, 0 never attached, 1 silent)' })
      .waitFor();
    expect(factory.usage('ada').held).toBe(0);
    await page.getByRole('heading', { name: '0 managers of 0 users, nobody at a limit' }).waitFor();
    await closePage(page);
  },
);
