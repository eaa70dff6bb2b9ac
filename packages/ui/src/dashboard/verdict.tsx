import { clockText, countText, durationText, numberText, plain } from '../text.ts';
import { hrefOfUser } from './address.ts';
import type { Alert, FactoryLook } from './types.ts';

/** The answer before all figures. */
export function Verdict({ factory }: { readonly factory: FactoryLook }) {
  const { stats, alerts, perSecond } = factory;
  const isCritical = alerts.some(({ severity }) => severity === 'critical') || isStoreAway(factory);
  const isRefusing = (perSecond?.refused ?? 0) > 0;
  const tone = isCritical ? 'bad' : alerts.length > 0 || isRefusing || stats.state !== 'open' ? 'unsure' : 'ok';
  return (
    <div class={`answer ${tone}`}>
      <div class="answer-head">
        <p class="verdict">{stats.state === 'open' ? wordFor(tone) : stats.state}</p>
      </div>
      <h1>{headline(factory)}</h1>
      {alerts.length === 0 ? null : (
        <ul class="firing">
          {alerts.map((alert) => (
            <li key={alert.rule}>
              <AlertLine alert={alert} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What fires, about whom, and what to do first. */
export function AlertLine({ alert }: { readonly alert: Alert }) {
  return (
    <>
      <span class={`chip ${alert.severity === 'critical' ? 'bad' : 'unsure'}`}>{alert.severity}</span>{' '}
      <b>{ruleText(alert.rule)}</b>{' '}
      {alert.user === null ? null : (
        <>
          <a href={hrefOfUser(alert.user, alert.factory)}>{plain(alert.user)}</a>{' '}
        </>
      )}
      <span class="muted">
        since {clockText(Date.parse(alert.since) / 1000)}. {plain(alert.summary)}
      </span>
    </>
  );
}

/** `WatertightUserNearLimit` → `User near limit`. */
export function ruleText(rule: string): string {
  const words = plain(rule)
    .replace(/^Watertight/, '')
    .replaceAll(/([a-z])([A-Z])/g, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return words === '' ? plain(rule) : words;
}

const wordFor = (tone: 'ok' | 'bad' | 'unsure'): string =>
  ({ ok: 'all is well', unsure: 'look here', bad: 'act now' })[tone];

const isStoreAway = ({ quota }: FactoryLook): boolean => quota !== null && quota.awayForMs !== null;

function headline(factory: FactoryLook): string {
  const { stats, alerts, perSecond, quota } = factory;
  const here = `${countText(stats.active + stats.pending, 'manager')} of ${countText(stats.users, 'user')}`;
  if (stats.state !== 'open') return `It is ${stats.state}: ${here} ${stats.state === 'closed' ? 'left' : 'to go'}`;
  if (isStoreAway(factory))
    return `The store of the shared limits does not answer for ${durationText(quota?.awayForMs ?? 0)}`;
  const atLimit = stats.perUser.filter(({ held, limit }) => limit !== false && limit > 0 && held >= limit);
  const [first] = atLimit;
  if (first !== undefined)
    return atLimit.length === 1
      ? `${plain(first.user)} is at its limit, ${numberText(first.held)} of ${numberText(Number(first.limit))}`
      : `${countText(atLimit.length, 'user')} are at their limit, ${plain(first.user)} first`;
  const refused = perSecond?.refused ?? 0;
  if (refused > 0) return `${numberText(refused)} attempts a second are refused; ${here}`;
  if (alerts.length > 0) return `${countText(alerts.length, 'alert')} fire${alerts.length === 1 ? 's' : ''}; ${here}`;
  return `${here}, nobody at a limit`;
}
