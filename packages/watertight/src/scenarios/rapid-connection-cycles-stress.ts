import { Examination } from '../evidence/examination.ts';
import { PlaceResolver } from '../evidence/places.ts';
import { checkLooks } from './cycles/checks.ts';
import { cycleThrough, MIXED_ENDINGS } from './cycles/cycling.ts';
import { mostTrials, type EndingsSeen } from './cycles/endings.ts';
import { sayUsers } from './cycles/cycle-users.ts';
import { evidenceOf } from './cycles/evidence-rows.ts';
import { tellFindings } from './cycles/findings.ts';
import { checkGoodbye, CLIENT_COUNT, GOODBYE_STEP } from './cycles/goodbye.ts';
import { checkPlant } from './cycles/plant-check.ts';
import { mostCycles, WARM_UP_COUNT } from './cycles/pressing.ts';
import { beginSilentPeers, MOST_SILENT_COUNT, SILENT_PEERS_STEP } from './cycles/silent-peers.ts';
import { MOST_TRACED_CYCLES } from './cycles/tracing.ts';
import { deadlineMsOf, promisedLimit } from './shared/promised.ts';
import { filledLimit } from './shared/room-for.ts';
import { inOnePlay } from './steps.ts';
import { awaitedSilenceMs } from './timing/silence.ts';
import type { Scenario, StepDefinition } from './types.ts';

/** Below this there are too few cycles to tell growth from noise. */
const FEWEST_CYCLES = 10;

const STEPS: readonly StepDefinition[] = [
  {
    id: 'cycles/every-cycle-is-admitted-and-served',
    title: 'All cycles (100) are admitted and answered while others come and go',
  },
  { id: 'cycles/the-budget-is-kept', title: 'The cycles take at most 30 s' },
  {
    id: 'cycles/nothing-is-left-after-any-ending',
    title: 'Nothing stays after any ending; else each ending alone, and a vanish, says what stays after it',
  },
  SILENT_PEERS_STEP,
  { id: 'cycles/no-manager-is-left', title: 'Managers held and closing, and users, are back at the baseline' },
  {
    id: 'cycles/every-slot-is-free-again',
    title: 'Seen from outside: a user who took part in the cycles can be admitted as often as the limit allows',
  },
  { id: 'cycles/no-socket-is-left', title: "Sockets of the server's process, by TCP state, are back at the baseline" },
  {
    id: 'cycles/no-file-descriptor-is-left',
    title: "Open file descriptors of the server's process do not grow with the cycles",
  },
  {
    id: 'cycles/no-handle-or-timer-is-left',
    title: 'Handles and timers, also those that do not keep the event loop alive, do not grow with the cycles',
  },
  { id: 'cycles/no-listener-is-left', title: 'Listeners by emitter and event do not grow with the cycles' },
  {
    id: 'cycles/no-gauge-grows',
    title: 'Gauges of the metrics of the server (--metrics) do not grow with the cycles',
  },
  { id: 'cycles/no-process-is-left', title: 'Child processes and threads of the server do not grow with the cycles' },
  {
    id: 'cycles/no-instance-is-left',
    title: 'Objects by class, and what survives by allocation stack, do not grow with the cycles',
  },
  { id: 'cycles/no-collection-grows', title: 'No Map, Set, array or dictionary grows with the cycles' },
  {
    id: 'cycles/no-memory-outside-the-heap-grows',
    title: 'Memory outside the heap, or of the whole process where no heap is seen, does not grow with the cycles',
  },
  {
    id: 'cycles/a-planted-leak-is-seen',
    title: 'A known leak that we plant is seen, before anybody says that there is none',
  },
  { id: 'cycles/the-accounts-add-up', title: 'Created = active + pending + closing + released, before and after' },
  GOODBYE_STEP,
];

export const rapidConnectionCyclesStress: Scenario = {
  name: 'rapid-connection-cycles-stress',
  aliases: ['rapid-websocket-connection-cycles-stress', 'websocket-rapid-connection-cycles-stress'],
  purpose: 'After many short lives with every kind of ending, concurrent as real clients are, nothing is left.',
  steps: STEPS,
  isGentle: true,
  isBusy: true,
  estimate({ bail, cycles, promises, effort }) {
    const limit = filledLimit(promisedLimit(promises)) ?? 0;
    const silentCount = effort.silentPeers && awaitedSilenceMs(promises) > 0 ? MOST_SILENT_COUNT : 0;
    const besideCount = silentCount + limit + CLIENT_COUNT;
    const tracedCount = effort.trace && !bail ? MOST_TRACED_CYCLES : 0;
    return {
      sockets: mostCycles({ bail, cycles }) + mostTrials(MIXED_ENDINGS.length) + tracedCount + besideCount,
      usualSockets: WARM_UP_COUNT + cycles + besideCount,
      seconds: 3 + Math.ceil(cycles / 100),
      atOnce: Math.max(2 * effort.concurrency, silentCount, limit),
    };
  },
  async run(context) {
    await inOnePlay(context, STEPS, async (steps) => {
      if (context.cycles < FEWEST_CYCLES) {
        return steps.skipRest(
          'inconclusive',
          `${context.cycles} cycles are too few to tell growth from noise; at least ${FEWEST_CYCLES} would settle it`,
        );
      }
      const lives = await context.openLives();
      let examination: Examination | undefined;
      try {
        examination = await Examination.begin(context, deadlineMsOf(context.promises), context.effort.places);
        const cycled = await cycleThrough(context, lives, examination);
        const tell = async (endings?: EndingsSeen): Promise<void> => {
          const evidence = evidenceOf(cycled, lives);
          const ofUsers = lives.each === 'connection' ? [sayUsers(cycled)] : [];
          context.tracker.evidence({ ...evidence, unseen: [...evidence.unseen, ...ofUsers] });
          await tellFindings(context, lives, cycled, endings, new PlaceResolver(process.cwd()));
        };
        // The first violation ends such a run: where it comes from is told before.
        if (context.bail) await tell();
        // While they are silent there is time for everything that leaves nothing: what is planted is taken out again.
        const judgeSilentPeers = await beginSilentPeers(context, steps, lives, cycled);
        const endings = await checkLooks(context, steps, lives, cycled);
        await checkGoodbye(context, steps, cycled.patienceMs);
        await checkPlant(context, steps, cycled);
        await judgeSilentPeers();
        if (!context.bail) await tell(endings);
      } finally {
        await examination?.end();
        await lives.dispose();
      }
    });
  },
};
