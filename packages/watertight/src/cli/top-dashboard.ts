import type { FactoryStats, InspectableFactory } from '@watertight/server';

import type { Surroundings } from '../report/surroundings.ts';
import { TargetError } from '../target/failure.ts';
import { httpText } from '../target/http-text.ts';

/** What `top` shows, wherever it is seen from. */
export interface WatchedFactory {
  readonly options: InspectableFactory['options'];
  /** `surroundings` only from where they are known. */
  look(): Promise<{ readonly stats: FactoryStats; readonly surroundings?: Surroundings }>;
}

/** As `GET <base>/api/overview` of `@watertight/dashboard` answers it: what is used here. */
interface Overview {
  readonly version: number;
  readonly process: { readonly pid: number; readonly loopDelay: Surroundings['loopDelay'] };
  readonly factories: readonly {
    readonly name: string;
    readonly stats: FactoryStats;
    readonly options: InspectableFactory['options'];
    readonly quota: Surroundings['quota'];
    readonly alerts: Surroundings['alerts'];
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
  const look: WatchedFactory['look'] = async () => {
    const { overview: now, one: chosen } = await choose();
    const { stats, quota, alerts } = chosen;
    return { stats, surroundings: { quota, alerts, loopDelay: now.process.loopDelay } };
  };
  return { pid: overview.process.pid, factory: { options: one.options, look } };
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
