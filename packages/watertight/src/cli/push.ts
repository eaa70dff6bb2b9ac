import { hostname } from 'node:os';
import { httpText } from '../target/http-text.ts';

const ANSWER_WITHIN_MS = 10_000;

/**
 * Sends metrics to a Pushgateway, in the group of job and instance; those of the same names replace the ones before.
 *
 * @throws Error with a sentence that holds no password.
 */
export async function pushMetrics(to: URL, text: string): Promise<void> {
  const url = new URL(to);
  if (!/\/metrics\/job(@base64)?\//.test(url.pathname))
    url.pathname = `${url.pathname.replace(/\/$/, '')}/metrics/job/watertight/instance/${encodeURIComponent(hostname())}`;
  const answer = await httpText(url, ANSWER_WITHIN_MS, {
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: text,
  });
  if (answer !== undefined && answer.status < 300) return;
  const said = answer === undefined ? `no answer within ${ANSWER_WITHIN_MS} ms` : `HTTP ${answer.status}`;
  throw new Error(`the metrics could not be pushed to ${url.host}: ${said}`);
}
