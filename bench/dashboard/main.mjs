// What a dashboard costs a server with 100 000 managers, with nobody looking and with some. Ends by itself after about two minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serveDashboard } from '@watertight/dashboard';
import { createManagerFactory } from '@watertight/server';
import { framesOf } from './parts/browser.mjs';

const MANAGERS = 100_000;
const PER_USER = 5;
/** Managers that end and are made anew in each second, so that there is something to tell. */
const CHURN = 200;
const FLOOR = 0.02;
const windowMs = process.argv.includes('--quick') ? 5_000 : 20_000;
const VIEWERS = fileURLToPath(new URL('parts/viewers.mjs', import.meta.url));

const factory = createManagerFactory({ name: 'bench', maxManagersPerUser: 20 });
factory.start();
const managers = Array.from({ length: MANAGERS }, (_, number) => admit(number));

const turn = setInterval(() => {
  for (let count = 0; count < CHURN / 10; count += 1) {
    const place = Math.floor(Math.random() * MANAGERS);
    void managers[place]?.destroy('bench');
    managers[place] = admit(place);
  }
}, 100);

/** @param {number} number */
function admit(number) {
  const admission = factory.tryAdmit({ user: `user-${Math.floor(number / PER_USER)}` }, { withoutConnection: true });
  if (!admission.admitted) throw new Error(admission.message);
  return admission.manager;
}

/** @param {number} count @param {string} url */
async function viewers(count, url) {
  const child = spawn(process.execPath, [VIEWERS, String(count), url], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** CPU of this process as a share of one core. */
async function measure() {
  await after(1_000);
  const from = process.cpuUsage();
  const fromMs = performance.now();
  await after(windowMs);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000 / (performance.now() - fromMs);
}

/** @type {[label: string, viewers: number | undefined][]} */
const ROWS = [
  ['without a dashboard', undefined],
  ['with one, nobody looks', 0],
  ['1 viewer', 1],
  ['10 viewers', 10],
  ['without, once more', undefined],
];
/** @type {{ label: string, share: number, everyMs: number | undefined, tookMs: number | undefined }[]} */
const rows = [];
await after(2_000);
for (const [label, count] of ROWS) {
  const board = count === undefined ? undefined : await serveDashboard({ factory, maxViewers: 100 });
  const child = board === undefined || !count ? undefined : await viewers(count, `${board.url}api/events`);
  const share = await measure();
  const looks = board?.overview().looks;
  rows.push({ label, share, everyMs: looks?.everyMs, tookMs: looks?.tookMs });
  if (child !== undefined) {
    child.kill();
    await once(child, 'exit');
  }
  await board?.close();
}
const shown = await serveDashboard({ factory });
const pages = await framesOf(shown.url, windowMs / 2);
await shown.close();
clearInterval(turn);
await factory.close();

const bare = Math.min(...rows.filter(({ everyMs }) => everyMs === undefined).map(({ share }) => share));
const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(2)} %`;
console.log(
  `${MANAGERS} managers of ${MANAGERS / PER_USER} users, ${CHURN} ends a second; ${windowMs / 1_000} s a row; ${cpus()[0]?.model}, Node.js ${process.versions.node}\n`,
);
for (const { label, share, everyMs, tookMs } of rows) {
  const look = everyMs === undefined ? '' : `   a look takes ${tookMs} ms, every ${everyMs} ms`;
  console.log(
    `${label.padEnd(24)} ${percent(share).padStart(8)} of a core   + ${percent(Math.max(0, share - bare))}${look}`,
  );
}
if (pages === undefined) console.log('\nNOT RUN: frames in a browser; it is not on this machine');
for (const { page, framesMs, longTasksMs } of pages ?? []) {
  const sorted = [...framesMs].sort((one, other) => one - other);
  const at = (/** @type {number} */ share) =>
    `${(sorted[Math.floor((sorted.length - 1) * share)] ?? NaN).toFixed(1)} ms`;
  const longest =
    longTasksMs.length === 0 ? 'none' : `${longTasksMs.length}, ${Math.max(...longTasksMs).toFixed(0)} ms at most`;
  console.log(
    `${page.padEnd(30)} ${sorted.length} frames: median ${at(0.5)}, p99 ${at(0.99)}, at most ${at(1)}; tasks above 50 ms: ${longest}`,
  );
}
const worst = Math.max(...rows.filter(({ everyMs }) => everyMs !== undefined).map(({ share }) => share - bare));
console.log(`\nat most + ${percent(worst)}; the floor is ${percent(FLOOR)}: ${worst < FLOOR ? 'met' : 'MISSED'}`);
process.exitCode = worst < FLOOR ? 0 : 1;
