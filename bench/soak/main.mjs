// @ts-check
// So many connections, opened and closed again: what the heap of the server holds at the end that it did not hold after the first of them.
import { parseArgs } from 'node:util';
import { Child } from '../runtime/parts/asking.mjs';

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '1000000' } } });
const cycles = Number(values.cycles);
const WARM_UP_CYCLES = 10_000;
if (!Number.isSafeInteger(cycles) || cycles < 2 * WARM_UP_CYCLES) {
  console.error(`--cycles must be a whole number from ${2 * WARM_UP_CYCLES}, got ${JSON.stringify(values.cycles)}`);
  process.exit(2);
}

const MAX_GROWTH_BYTES = 1024 * 1024;
const REPORT_EVERY_CYCLES = 50_000;

const part = (/** @type {string} */ name) => new URL(`../runtime/parts/${name}`, import.meta.url).href;
const server = await Child.start(part('ws-server.mjs'), ['guarded']);
const client = await Child.start(part('ws-client.mjs'));
try {
  const { port = 0 } = await server.ask('port');
  const heapBytes = async () => (await server.ask('heap'))['heapBytes'] ?? NaN;
  const beganAtMs = performance.now();
  await client.ask('cycles', { port, count: WARM_UP_CYCLES });
  const baselineBytes = await heapBytes();
  console.log(`${WARM_UP_CYCLES} cycles: ${baselineBytes} B of heap in use`);
  let growthBytes = 0;
  for (let done = WARM_UP_CYCLES; done < cycles;) {
    const count = Math.min(REPORT_EVERY_CYCLES - (done % REPORT_EVERY_CYCLES), cycles - done);
    await client.ask('cycles', { port, count });
    done += count;
    growthBytes = (await heapBytes()) - baselineBytes;
    const seconds = (performance.now() - beganAtMs) / 1000;
    console.log(
      `${done} of ${cycles} cycles, ${Math.round(done / seconds)} a second, ${Math.round(seconds)} s: ${signed(growthBytes)} B`,
    );
  }
  const { held = NaN } = await server.ask('held');
  const isWithin = growthBytes <= MAX_GROWTH_BYTES && held === 0;
  console.log(
    `${isWithin ? 'met' : 'MISSED'}: ${signed(growthBytes)} B since the first ${WARM_UP_CYCLES} cycles, at most ${MAX_GROWTH_BYTES} B; ${held} managers and connections held`,
  );
  process.exitCode = isWithin ? 0 : 1;
} finally {
  await Promise.all([client.end(), server.end()]);
}

/** @param {number} bytes */
function signed(bytes) {
  return `${bytes < 0 ? '−' : '+'} ${Math.abs(bytes).toLocaleString('en')}`;
}
