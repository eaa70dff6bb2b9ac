import type { FactoryStats, InspectableFactory } from '@watertight/server';

import { TargetError } from '../target/failure.ts';
import { httpText } from '../target/http-text.ts';

/** What `top` shows, wherever it is seen from. */
export interface WatchedFactory {
  readonly options: InspectableFactory['options'];
  stats(): Promise<FactoryStats>;
}

/** As `GET <base>/api/overview` of `@watertight/dashboard` answers it: what is used here. */
interface Overview {
  readonly version: number;
  readonly process: { readonly pid: number };
  readonly factories: readonly {
    readonly name: string;
    readonly stats: FactoryStats;
    readonly options: InspectableFactory['options'];
  }[];
}

const TIMEOUT_MS = 5_000;
const OVERVIEW_VERSION = 1;

/**
 * A factory as the dashboard of its server shows it. The token is in the environment, where no list of processes shows it.
 *
 * @throws {@link TargetError} when there is no dashboard, it lets us not in, or it has no such factory.
 */
export async function openDashboard(
  base: URL,
  name: string | undefined,
): Promise<{ readonly pid: number; readonly factory: WatchedFactory }> {
  const choose = async (): Promise<{ readonly overview: Overview; readonly one: Overview['factories'][number] }> => {
    const overview = await overviewAt(base);
    const one = overview.factories.find((factory) => name === undefined || factory.name === name);
    if (one === undefined)
      throw failed(base, `it shows no factory${name === undefined ? '' : ` named ${JSON.stringify(name)}`}`);
    return { overview, one };
  };
  const { overview, one } = await choose();
  const stats = async (): Promise<FactoryStats> => (await choose()).one.stats;
  return { pid: overview.process.pid, factory: { options: one.options, stats } };
}

async function overviewAt(base: URL): Promise<Overview> {
  const url = new URL('api/overview', base.pathname.endsWith('/') ? base : new URL(`${base.pathname}/`, base));
  const token = process.env['WATERTIGHT_DASHBOARD_TOKEN'];
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await httpText(url, TIMEOUT_MS, { headers });
  if (answer === undefined) throw failed(base, `nobody answers there within ${TIMEOUT_MS} ms`);
  if (answer.status === 401 || answer.status === 403)
    throw failed(base, `it answers ${answer.status}: give its token in WATERTIGHT_DASHBOARD_TOKEN`);
  const overview = answer.status === 200 ? parsed(answer.text) : undefined;
  if (overview?.version !== OVERVIEW_VERSION)
    throw failed(base, `${url.href} answers ${answer.status}, and no overview`);
  return overview;
}

function parsed(text: string): Overview | undefined {
  try {
    return JSON.parse(text) as Overview;
  } catch {
    return undefined;
  }
}

function failed(base: URL, why: string): TargetError {
  return new TargetError({ kind: 'unreachable', message: `the dashboard at ${base.href}: ${why}` });
}
