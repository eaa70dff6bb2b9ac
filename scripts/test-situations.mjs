// @ts-check
import { availableParallelism } from 'node:os';
import { runHouse } from '../packages/watertight/dist/scenarios/coverage/cell.js';
import { expectedScenario, planHouses } from '../packages/watertight/dist/scenarios/coverage/plan.js';
import { situations } from '../packages/watertight/dist/scenarios/situations.js';
import { HEALTHY, productionFaults } from '../packages/watertight/dist/faulty/faults.js';

/**
 * @typedef {import('../packages/watertight/dist/scenarios/coverage/plan.js').Cell} Cell
 * @typedef {import('../packages/watertight/dist/scenarios/coverage/matrix-run.js').CellOutcome} CellOutcome
 */

/**
 * Every fault of production before every situation, and the healthy server `ROUNDS` times (default 3): who catches what, and whether
 * anybody else does. Fails when a fault is missed by its situation, or a healthy server convicted.
 */
const rounds = Number(process.env['ROUNDS'] ?? 3);
const housesAtOnce = Number(process.env['AT_ONCE'] ?? availableParallelism());
/** Longer than what is wrong with a process that has just started: only the situation that is about it meets one. */
const restMs = 7_000;
const signal = AbortSignal.timeout(3_600_000);

const cells = situations.flatMap((scenario) => [
  ...productionFaults.map(({ id }) => ({ specimen: id, scenario })),
  ...Array.from({ length: rounds }, () => ({ specimen: HEALTHY, scenario })),
]);
/** @type {Map<Cell, CellOutcome>} */
const outcomeOf = new Map();
const startedAtMs = performance.now();
const queue = [...planHouses(cells, 'production')];
await Promise.all(Array.from({ length: housesAtOnce }, playAll));
// On a busy machine some prove nothing, or are late to see what is wrong: they are looked at again, one at a time.
const again = cells.filter((cell) => provesNothing(cell));
queue.push(...again.map((cell) => [cell]));
await playAll();
const outcomes = [...outcomeOf.values()];

async function playAll() {
  for (let house = queue.shift(); house !== undefined; house = queue.shift()) {
    const isCold = house.some(({ scenario }) => scenario.name === 'cold-start-burst');
    const run = await runHouse(house, signal, isCold ? 0 : restMs);
    for (const [index, cell] of house.entries()) {
      const outcome = run.outcomes[index];
      if (outcome !== undefined) outcomeOf.set(cell, outcome);
    }
    await run.ended;
  }
}

/** @param {Cell} cell */
function provesNothing(cell) {
  const outcome = outcomeOf.get(cell)?.outcome;
  if (cell.specimen === HEALTHY) return outcome === 'inconclusive';
  const fault = productionFaults.find(({ id }) => id === cell.specimen);
  return fault !== undefined && expectedScenario(fault) === cell.scenario && !fault.caughtBy.includes(outcome ?? '');
}

const isRed = (/** @type {string} */ outcome) => outcome !== 'green' && outcome !== 'inconclusive';
let failures = 0;
/** @type {[string, string | undefined, string[]][]} */
const caught = [];
/** @type {string[]} */
const notes = [];
for (const { id, title, caughtBy } of productionFaults) {
  const seen = outcomes.filter(({ specimen, outcome }) => specimen === id && isRed(outcome));
  const isCaught = seen.some(({ outcome }) => caughtBy.includes(outcome));
  const own = situations.find(({ steps }) => steps.some((step) => step.id === caughtBy[0]))?.name;
  const ownOutcome = outcomes.find(({ specimen, scenario }) => specimen === id && scenario === own);
  const others = seen.flatMap(({ scenario }) => (scenario === own ? [] : [scenario]));
  if (!isCaught) failures += 1;
  const also = others.length === 0 ? 'only it' : `also ${others.join(', ')}`;
  caught.push([id, own, others]);
  for (const { scenario, note } of seen) if (scenario !== own) notes.push(`  ${id} × ${scenario}: ${note}`);
  console.log(
    `${id} ${title}: ${isCaught ? `caught by ${own}, ${also}` : `MISSED by ${own}: ${ownOutcome?.outcome}, ${ownOutcome?.note}`}`,
  );
}
for (const note of notes) console.log(note);
for (const [id, , others] of caught)
  if (others.length >= 2) console.log(`${id} is caught by ${others.length + 1} situations: sharpen it, or them`);
for (const { name } of situations) {
  const healthy = outcomes.filter(({ specimen, scenario }) => specimen === HEALTHY && scenario === name);
  const wrong = healthy.filter(({ outcome }) => isRed(outcome));
  failures += wrong.length;
  const green = healthy.filter(({ outcome }) => outcome === 'green').length;
  console.log(`healthy before ${name}: ${green} of ${healthy.length} green`);
  for (const { outcome, note } of healthy.filter((one) => one.outcome !== 'green'))
    console.log(`  ${outcome}: ${note}`);
}
console.log(
  `${outcomes.length} cells, ${again.length} of them twice, in ${Math.round((performance.now() - startedAtMs) / 1_000)} s, ${failures} failures`,
);
process.exit(failures === 0 ? 0 : 1);
