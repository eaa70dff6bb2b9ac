import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

import { closePage, noBrowser, openPage, takeComplaints, useBrowser } from './browser-kit.ts';
import { atEnd, servedBoard } from './dashboard-kit.ts';

useBrowser();

/** A page with nothing on it, of another origin than the dashboard. */
async function elsewhere(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Puts a frame onto the page and answers what the browser shows in it. */
const FRAMED = `(url) => new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.onload = () => resolve(frame);
  frame.src = url;
  document.body.append(frame);
})`;

test.skipIf(noBrowser)(
  '[DB5, DB15] a page of another origin can neither frame the dashboard nor act through it',
  async () => {
    const asked: string[] = [];
    // Whoever is signed in is so by a cookie: here by the address alone, which is all that a foreign page could ever use.
    const { url, client, factory, server } = await servedBoard({ loopbackOnly: true, actions: true });
    server.prependListener('request', ({ method, url: path, headers }) => {
      asked.push(`${method} ${path?.split('/').at(-1)} ${headers['sec-fetch-site'] ?? 'unsaid'}`);
    });
    await client('ada');
    const page = await openPage(await elsewhere());
    // Framing: the browser asks, and shows nothing of the answer.
    await page.evaluate(`(${FRAMED})(${JSON.stringify(url)}).then(() => undefined)`);
    const frame = page.frames().find((one) => one !== page.mainFrame());
    expect(await frame?.locator('#dashboard').count()).toBe(0);
    const action = `${url}api/actions/end-user`;
    const body = JSON.stringify({ user: 'ada' });
    const fetched = (init: string): Promise<unknown> =>
      page.evaluate(`fetch(${JSON.stringify(action)}, { method: 'POST', body: ${JSON.stringify(body)}, ${init} })
      .then((answer) => answer.type + ' ' + answer.status, (error) => error.name)`);
    // As it is meant to be asked: the browser wants to know first whether it may, and may not.
    expect(await fetched(`headers: { 'content-type': 'application/json', 'x-watertight-dashboard': '1' }`)).toBe(
      'TypeError',
    );
    // Without asking first: it is sent, and the answer is kept from the page.
    expect(await fetched(`mode: 'no-cors', credentials: 'include'`)).toBe('TypeError');
    // A form, whose answer is shown: with JSON by the name of its field.
    await page.evaluate(`{
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: ${JSON.stringify(action)}, enctype: 'text/plain' });
    const field = document.createElement('input');
    Object.assign(field, { name: '{"user":"ada","x":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    form.submit();
  }`);
    await page.waitForURL(action);
    expect(await page.locator('body').innerText()).toContain('a page of another origin asked');
    expect(asked.filter((one) => one.startsWith('POST'))).toHaveLength(2);
    expect(factory.usage('ada').held).toBe(1);
    const complaints = takeComplaints().join('\n');
    expect(complaints).toContain('frame-ancestors');
    await closePage(page);
  },
);
