// @ts-check
// A night on call, executed. Every step waits for what it says, and the night ends with 1 where one of them does not come about.
//
//   --before fixed   the server has no leak: nothing alerts
//   --after leaky    what is rolled out fixes nothing: the alert comes again
import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemPart } from '../../scripts/system-parts.mjs';
import { Board } from './board.js';
import { Judged } from './judged.js';
import { observe, observeCommand } from './observer.js';
import { SECRET, startServer, stopServer } from './processes.js';
import { Receiver } from './receiver.js';
import { Scrapes } from './scrapes.js';
import { excerpt, fixLines } from './source.js';
import { clockText, expect, NotSeenError, say, until } from './story.js';
import { Traffic } from './traffic.js';

const { values } = parseArgs({
  options: { before: { type: 'string', default: 'leaky' }, after: { type: 'string', default: 'fixed' } },
});
/** Readers, and what else there is in a quiet hour. */
const READERS = 200;
const LOCKED_OUT = 'WatertightUserLockedOut';
/** Five minutes, in which the rules look back, are five seconds here; and some more. */
const QUIET_MS = 8000;

/** @type {(() => unknown)[]} */
const ends = [];

async function night() {
  const browser = systemPart('chromium');
  const onCall = new Receiver(SECRET);
  ends.push(() => onCall.close());
  const hook = await onCall.listen();
  const { child, places, url } = await startServer(values.before, hook);
  ends.push(() => child.kill('SIGKILL'));
  say('SERVER', `node server.js --places ${places}, process ${child.pid}: ${url}`);

  const board = new Board(url);
  const traffic = new Traffic(url.replace('http:', 'ws:'));
  const scrapes = new Scrapes(url);
  ends.push(
    () => traffic.stop(),
    () => scrapes.stop(),
  );
  await until(
    'all readers are there',
    async () => ((await board.overview()).factories[0]?.stats.active ?? 0) >= READERS,
  );
  await until('some scrapes of a quiet hour', () => scrapes.count > 4);
  const quietTurn = scrapes.count - 1;
  expect(onCall.alerts.length === 0, 'nobody is alerted of a quiet hour');
  say('QUIET', `${READERS} readers, some 20 visits a second; Prometheus reads ${url}/metrics; nothing fires`);

  traffic.isLossy = true;
  say('NIGHT', 'connections begin to get lost: a mobile network has a bad night');
  const alert = await until('the webhook is told of a user who is locked out', () =>
    onCall.alerts.find(({ rule, state }) => rule === LOCKED_OUT && state === 'firing'),
  );
  const { severity, rule, user, summary } = alert;
  say('ALERT', `the webhook, signed: [${severity}] ${rule}, user ${user}`, summary);
  expect(user === 'ada', 'the alert names ada');
  const judged = new Judged(scrapes);
  judged.expectAt(quietTurn, false);
  await judged.until(true);

  const look = await board.user('ada');
  const without = look.look.managers.filter(({ connections }) => connections === 0);
  const since = Date.now() - Math.max(...without.map(({ ageMs }) => ageMs));
  const { usage } = look.look;
  expect(usage.held === usage.limit && without.length > 15, 'ada holds all she may, nearly all without a connection');
  say(
    'DASHBOARD',
    `GET api/user: ada holds ${usage.held} of ${usage.limit}, ${without.length} of them without a connection, the first since ${clockText(since)}`,
  );
  const change = await board.firstChange();
  say('', `GET api/events: what has changed since the last second, ${change.length} values`);
  if (browser === undefined) say('', 'NOT RUN: the page in a browser (apt-get install chromium)');
  else {
    const seen = await board.look(browser, 'ada');
    expect(seen.alert.includes('ada') && seen.alert.includes('since'), 'the page says who, and since when');
    say('', `${url}/watertight/ in Chromium: “${seen.headline}”`, `“${seen.alert}”`, `ada: “${seen.first}”`);
    say('', `as it looked: ${relative(process.cwd(), seen.pictures)}/overview.png, user.png`);
  }

  const pid = child.pid ?? 0;
  say('OBSERVE', observeCommand(pid));
  const growing = await observe(pid);
  if (growing === undefined) throw new NotSeenError('not seen within 40 s: a place in the source that keeps growing');
  const { place, stack, growth } = growing;
  const kilobytes = Math.round((growth.bytesPerConnection ?? 0) / 1024);
  const callers = stack.filter(({ file, functionName }) => file === place.file && functionName !== '');
  say(
    '',
    `${place.file}:${place.line} keeps growing, ${kilobytes} KB a connection; called by ${callers.map(({ functionName, line }) => `${functionName} (line ${line})`).join(', ')}`,
    ...excerpt(place.file, place.line),
  );
  expect(place.file.endsWith('places.js'), 'it is the file with the leak');

  say('FIX', 'nobody takes away what nobody comes back for:', ...fixLines().map((line) => `+ ${line.trim()}`));
  await stopServer(child);
  await until('the webhook is told that it is over', () =>
    onCall.alerts.some(({ rule: name, state }) => name === LOCKED_OUT && state === 'resolved'),
  );
  const fixed = await startServer(values.after, hook, new URL(url).port);
  ends.push(() => fixed.child.kill('SIGKILL'));
  const toldBefore = onCall.alerts.length;
  say(
    'ROLLOUT',
    `the old process drains, and takes its alert back; the new one is ${fixed.child.pid}, ${fixed.places}`,
  );
  await until(
    'all readers are back',
    async () => ((await board.overview()).factories[0]?.stats.active ?? 0) >= READERS,
  );
  await delay(QUIET_MS);
  const later = onCall.alerts.slice(toldBefore).map((one) => `${one.rule} ${one.state}`);
  expect(later.length === 0, `nothing alerts any more (it was ${later.join(', ')})`);
  const after = await board.overview();
  const largest = after.factories[0]?.stats.perUser[0];
  expect(after.factories[0]?.alerts.length === 0, 'nothing fires on the dashboard');
  expect((largest?.held ?? 0) < 16, 'nobody is near the limit');
  say(
    'CLEAR',
    `${QUIET_MS / 1000} s of the same traffic: no alert, nothing fires on the dashboard, the largest user holds ${largest?.held} of ${largest?.limit}`,
  );

  await judged.until(false);
}

try {
  await night();
  say('', 'the night is over');
} catch (error) {
  if (!(error instanceof NotSeenError)) throw error;
  say('FAILED', error.message);
  process.exitCode = 1;
} finally {
  for (const end of ends.toReversed()) await end();
}
