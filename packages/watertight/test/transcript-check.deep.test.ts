import { expect, test } from 'vitest';

import { seededRandom } from '../src/drive/seeded-random.ts';
import { ENDS_WITHIN_MS } from './channel-check.ts';
import { startCli } from './cli-process.ts';
import { live, startTranscriptServer } from './transcript-lives.ts';

const LIVES = 20;
const SEED = 7;
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--cycles', '20', '--settle', '500'];
/** All that a check does to its target: warnings heard, windows, looks, a planted leak, and three snapshots since something grew. */
const WHOLE = ['--plant'];
/** As little as shows that somebody looks in. */
const QUICK = ['--no-trace', '--bail'];

/** The same lives again and again, each time in rooms of their own, once at least and until somebody has had enough. */
async function transcripts(
  port: number,
  who: 'a' | 'b',
  isEnough: () => boolean,
): Promise<readonly (readonly string[])[]> {
  const all: string[][] = [];
  do {
    const random = seededRandom(SEED, 'transcript');
    const said: string[] = [];
    // As long each time: the length of a frame is a byte of it.
    const pass = `${who}${String(all.length).padStart(4, '0')}-`;
    for (let life = 0; life < LIVES; life += 1)
      said.push((await live(port, random, `${pass}${life}`)).replaceAll(pass, ''));
    all.push(said);
  } while (!isEnough());
  return all;
}

interface Compared {
  readonly alone: unknown;
  readonly checked: readonly unknown[];
  readonly output: string;
}

async function beside(options: readonly string[], ...args: readonly string[]): Promise<Compared> {
  const { pid, port } = await startTranscriptServer('--by-room', '--keeps', ...args);
  const [alone] = await transcripts(port, 'a', () => true);
  let isOver = false;
  const running = startCli(['check', ...OPTIONS, ...options, '--pid', String(pid)], { deadlineMs: ENDS_WITHIN_MS });
  const ended = running.ended.finally(() => (isOver = true));
  await running.shows('opened the inspector of process');
  const checked = await transcripts(port, 'b', () => isOver);
  const { code, stdout, stderr } = await ended;
  expect(code, stdout + stderr).toBe(1);
  return { alone, checked, output: stdout + stderr };
}

test(
  '[I35] a seeded sequence of lives gets the same bytes while a whole check goes on, leak planted and heap written down',
  { timeout: 2 * ENDS_WITHIN_MS },
  async () => {
    const { alone, checked, output } = await beside(WHOLE);
    // Nothing was left out.
    expect(output).toContain('3 heap snapshots say what keeps it');
    expect(checked.length).toBeGreaterThan(1);
    for (const said of checked) expect(said).toEqual(alone);
  },
);

test(
  '[I35] one that answers otherwise while it is checked is caught by the same comparison',
  { timeout: 2 * ENDS_WITHIN_MS },
  async () => {
    const { alone, checked } = await beside(QUICK, '--tells');
    // The last may have gone on when the inspector was closed already.
    expect(checked[0]).not.toEqual(alone);
  },
);
