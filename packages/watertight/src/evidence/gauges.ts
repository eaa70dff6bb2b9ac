import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Counts } from './counts.ts';
import { asksFor, readGauges, type GaugeSample } from './gauge-text.ts';

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 8 * 1024 ** 2;
/** So many names are told to whoever asked for one that is not there. */
const SHOWN_COUNT = 20;

/** The metrics of a server, and which of its gauges are followed. */
export interface GaugeChoice {
  readonly url: string;
  /** Names, with labels where only some series of a name are meant: `app_managers{kind="held"}`; in JSON paths: `sockets.open`. */
  readonly names: readonly string[];
}

/** Why metrics cannot be followed, in one sentence. */
class GaugesError extends Error {
  override readonly name = 'GaugesError';
}

/** Reads the gauges that were asked for; `undefined` when nobody answered, or not in time: not visible then, and not 0. */
export function gaugeReader({ url, names }: GaugeChoice): () => Promise<Counts | undefined> {
  return async () => {
    try {
      return pick(readGauges(await fetchText(url)), names);
    } catch {
      return undefined;
    }
  };
}

/**
 * Asks once, before anything is examined.
 *
 * @throws {@link GaugesError} when nobody answers with metrics, or one of the names is not among them.
 */
export async function checkGauges({ url, names }: GaugeChoice): Promise<void> {
  let samples: readonly GaugeSample[];
  try {
    samples = readGauges(await fetchText(url));
  } catch (error) {
    throw new GaugesError(`--metrics ${url} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const known = [...new Set(samples.map(({ name }) => name))];
  const shown = `${known.slice(0, SHOWN_COUNT).join(', ')}${known.length > SHOWN_COUNT ? ` and ${known.length - SHOWN_COUNT} more` : ''}`;
  if (known.length === 0)
    throw new GaugesError(`--metrics ${url} shows no numbers, neither as text of Prometheus nor as JSON`);
  if (names.length === 0)
    throw new GaugesError(`--metrics needs --gauge <name>, the gauges that are to come back; ${url} has ${shown}`);
  const missing = names.filter((wanted) => !samples.some((sample) => asksFor(wanted, sample)));
  if (missing.length > 0) throw new GaugesError(`--gauge ${missing.join(', ')} is not at ${url}; it has ${shown}`);
}

/** Series of one name are added up. What has disappeared is 0: many servers drop a series with the last of its kind. */
function pick(samples: readonly GaugeSample[], names: readonly string[]): Counts {
  const sumOf = (wanted: string): number =>
    samples.filter((sample) => asksFor(wanted, sample)).reduce((sum, { value }) => sum + value, 0);
  return Object.fromEntries(names.map((name) => [name, sumOf(name)]));
}

/** Without an agent: a connection that is kept would be one of the server's sockets. */
async function fetchText(url: string): Promise<string> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return await new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), { once: true });
    const asked = request(url, { agent: false, signal }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('error', reject);
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) asked.destroy(new Error(`more than ${MAX_BYTES} bytes`));
        chunks.push(chunk);
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(Buffer.concat(chunks).toString());
        else reject(new Error(`it answered HTTP ${String(answer.statusCode)}`));
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
