import { Section } from '../section.tsx';
import { durationText, plain } from '../text.ts';
import { hrefOfUser } from './address.ts';
import { Scroll } from './scroll.tsx';
import type { ActionEvent, AlertChange, Overview } from './types.ts';
import { useAnswer } from './use-answer.ts';
import { AlertLine, ruleText } from './verdict.tsx';
import { Waiting } from './waiting.tsx';

const EVERY_MS = 5000;
const WHEN = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'medium' });

/** What fires, what did, and what somebody did about it. */
export function AlertsPage({ overview }: { readonly overview: Overview }) {
  const firing = overview.factories.flatMap(({ name, alerts }) => alerts.map((alert) => ({ name, alert })));
  return (
    <>
      <h1 class="unseen">Alerts</h1>
      <Section id="firing" title="Firing now">
        {firing.length === 0 ? <p class="muted">Nothing.</p> : null}
        <ul class="firing">
          {firing.map(({ name, alert }) => (
            <li key={`${name} ${alert.rule}`}>
              {overview.factories.length > 1 ? <span class="chip">{plain(name)}</span> : null}{' '}
              <AlertLine alert={alert} />
            </li>
          ))}
        </ul>
      </Section>
      <Changes />
      <Actions />
    </>
  );
}

function Changes() {
  const { value, problem } = useAnswer<{ readonly isWatched: boolean; readonly changes: readonly AlertChange[] }>(
    'alerts',
    {},
    EVERY_MS,
  );
  return (
    <Section id="changes" title="Raised and over" beside={<span class="muted">newest first</span>}>
      {value === undefined ? (
        <Waiting problem={problem} />
      ) : value.changes.length === 0 ? (
        <p class="muted">{value.isWatched ? 'Nothing since the dashboard was started.' : 'Alerts are switched off.'}</p>
      ) : (
        <Scroll label="Alerts">
          <table class="wide">
            <thead>
              <tr>
                <th scope="col">at</th>
                <th scope="col">state</th>
                <th scope="col">rule</th>
                <th scope="col">user</th>
                <th scope="col">for</th>
              </tr>
            </thead>
            <tbody>
              {value.changes.map(({ at, state, rule, severity, user, forMs, factory }, index) => (
                <tr key={index}>
                  <td class="number">{WHEN.format(Date.parse(at))}</td>
                  <td>
                    <span class={`chip ${state === 'resolved' ? 'ok' : severity === 'critical' ? 'bad' : 'unsure'}`}>
                      {state === 'resolved' ? 'over' : severity}
                    </span>
                  </td>
                  <th scope="row">
                    {ruleText(rule)} <span class="muted">{plain(factory)}</span>
                  </th>
                  <td>{user === null ? '–' : <a href={hrefOfUser(user, factory)}>{plain(user)}</a>}</td>
                  <td class="number">{durationText(forMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}

function Actions() {
  const { value, problem } = useAnswer<readonly ActionEvent[]>('actions', {}, EVERY_MS);
  return (
    <Section id="done" title="What was done here">
      {value === undefined ? (
        <Waiting problem={problem} />
      ) : value.length === 0 ? (
        <p class="muted">Nothing.</p>
      ) : (
        <Scroll label="Actions">
          <table class="wide">
            <thead>
              <tr>
                <th scope="col">at</th>
                <th scope="col">what</th>
                <th scope="col">whom</th>
                <th scope="col">by</th>
                <th scope="col">what came of it</th>
              </tr>
            </thead>
            <tbody>
              {value.map(({ at, action, factory, user, by, remoteAddress, outcome, detail }, index) => (
                <tr key={index}>
                  <td class="number">{WHEN.format(Date.parse(at))}</td>
                  <th scope="row">{action}</th>
                  <td>{user === null ? 'everybody' : <a href={hrefOfUser(user, factory)}>{plain(user)}</a>}</td>
                  <td>
                    {plain(by)} <span class="muted">{plain(remoteAddress ?? '')}</span>
                  </td>
                  <td>
                    {outcome === 'done' ? null : <span class="chip bad">{outcome}</span>} {plain(detail)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
}
