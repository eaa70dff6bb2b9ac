import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { readGauges } from './gauge-text.ts';
import { checkGauges, gaugeReader } from './gauges.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(answer: { status?: number; text: string }): Promise<string> {
  const server = createServer((_, response) => response.writeHead(answer.status ?? 200).end(answer.text)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  closers.push(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/metrics`;
}

test('[P40] gauges are read from the text of Prometheus, series of a name added up, and by label where that is asked', async () => {
  const url = await serve({
    text: [
      '# HELP app_open Open.',
      '# TYPE app_open gauge',
      'app_open{room="a",kind="x\\"}y"} 3 1700000000',
      'app_open{room="b"} 4e0',
      'app_users 2',
      'app_odd NaN',
      'not a line',
    ].join('\n'),
  });
  const names = ['app_open', 'app_open{room="b"}', 'app_open{kind="x\\"}y"}', 'app_users'];
  expect(await gaugeReader({ url, names })()).toEqual({
    app_open: 7,
    'app_open{room="b"}': 4,
    'app_open{kind="x\\"}y"}': 3,
    app_users: 2,
  });
  await checkGauges({ url, names });
});

test('[P40] OpenMetrics has times with a fraction, and exemplars whose value is another', () => {
  const text = [
    'app_open 12 1520879607.789',
    'app_seen_total{room="{a}"} 4 # {trace_id="q"} 0.5 1520879607.789',
    'app_kept{room="# x"} 7 # {} 1',
    '# EOF',
  ].join('\n');
  expect(readGauges(text).map(({ name, value, labels }) => [name, value, ...labels.values()])).toEqual([
    ['app_open', 12],
    ['app_seen_total', 4, '{a}'],
    ['app_kept', 7, '# x'],
  ]);
});

test('[P40] gauges are read from JSON by their path; an array counts by its length', async () => {
  const url = await serve({ text: JSON.stringify({ sockets: { open: 5, list: [1, 2] }, name: 'x' }) });
  expect(await gaugeReader({ url, names: ['sockets.open', 'sockets.list', 'gone'] })()).toEqual({
    'sockets.open': 5,
    'sockets.list': 2,
    gone: 0,
  });
});

test('[P41] what cannot be read is not visible, and said before anything is examined', async () => {
  const refusing = await serve({ status: 503, text: 'app_users 1' });
  expect(await gaugeReader({ url: refusing, names: ['app_users'] })()).toBeUndefined();
  await expect(checkGauges({ url: refusing, names: ['app_users'] })).rejects.toThrow(
    /cannot be read: it answered HTTP 503/,
  );
  const empty = await serve({ text: '<html>' });
  await expect(checkGauges({ url: empty, names: ['a'] })).rejects.toThrow(/shows no numbers/);
  const broken = await serve({ text: '{ not json' });
  await expect(checkGauges({ url: broken, names: ['a'] })).rejects.toThrow(/cannot be read/);
  const url = await serve({ text: 'app_users 1\napp_open 2' });
  await expect(checkGauges({ url, names: [] })).rejects.toThrow(/needs --gauge <name>.* has app_users, app_open/);
  await expect(checkGauges({ url, names: ['app_managers'] })).rejects.toThrow(
    /app_managers is not at .*; it has app_users, app_open/,
  );
  expect(readGauges('')).toEqual([]);
});
