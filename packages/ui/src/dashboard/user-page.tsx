import { useState } from 'preact/hooks';

import { formatBytes } from '../../../watertight/src/report/figures.ts';
import { Card } from '../card.tsx';
import { Section } from '../section.tsx';
import { countText, durationText, numberText, plain, shortPlace } from '../text.ts';
import { ActionButton } from './acting.tsx';
import { EndsTable } from './ends-table.tsx';
import { type Fact, Tiles } from './tiles.tsx';
import type { FactoryLook, ManagerLook, UserPage as Page } from './types.ts';
import { useAnswer } from './use-answer.ts';
import { Waiting } from './waiting.tsx';

const EVERY_MS = 2000;

/** One user: what each of its managers is and owns, and how the last ones ended. */
export function UserPage({
  factory,
  user,
  options,
}: {
  readonly factory: string;
  readonly user: string;
  readonly options: FactoryLook['options'];
}) {
  const { value, problem, again } = useAnswer<Page>('user', { factory, user }, EVERY_MS);
  const { look, ends } = value ?? {};
  return (
    <>
      <p class="crumbs">
        <a href="#/users">Users</a>
      </p>
      <div class="head-row">
        <h1 class="name">{plain(user)}</h1>
        <div class="actions">
          <OverrideButton user={user} look={look} done={again} />
          <ActionButton
            action="end-user"
            label="End all"
            title="End every manager of this user"
            confirm="End all of them"
            body={{ user }}
            isDanger
            done={again}
          >
            <p>
              <b>{plain(user)}</b> holds {countText(look?.usage.held ?? 0, 'manager')}. Their sockets are closed with
              code 4410 and the reason <code>ended-by-operator</code>; clients may come back.
            </p>
          </ActionButton>
        </div>
      </div>
      {value === undefined || look === undefined ? (
        <Waiting problem={problem} />
      ) : (
        <>
          <Tiles facts={factsOf(value)} />
          <Section
            id="managers"
            title="Managers"
            beside={<span class="muted">{look.managers.length === 0 ? '' : 'oldest first'}</span>}
          >
            {look.managers.length === 0 ? <p class="muted">It holds none at present.</p> : null}
            {look.managers.map((manager) => (
              <ManagerCard
                key={manager.id}
                user={user}
                manager={manager}
                heartbeatMs={options.heartbeatIntervalMs}
                done={again}
              />
            ))}
            {look.notListed === 0 ? null : <p class="muted">and {countText(look.notListed, 'more manager')}</p>}
          </Section>
          <Section id="ends" title="Last ends" beside={<span class="muted">as far as they are remembered</span>}>
            {ends === undefined || ends.length === 0 ? (
              <p class="muted">None of its managers ended lately.</p>
            ) : (
              <EndsTable ends={ends} ofOneUser />
            )}
          </Section>
        </>
      )}
    </>
  );
}

function factsOf({ look: { usage, managers, hasOverride }, shared, isStoreAway }: Page): readonly Fact[] {
  const { held, limit, pending, closing } = usage;
  const sum = (of: (manager: ManagerLook) => number): number => managers.reduce((total, one) => total + of(one), 0);
  const ownedCount = sum(({ owned }) => owned.count);
  const without = managers.filter(({ connections, state }) => connections === 0 && state !== 'closing').length;
  const nodes = Object.entries(shared?.perNode ?? {}).map(([node, count]) => `${plain(node)} ${numberText(count)}`);
  return [
    {
      name: 'Held',
      value: numberText(held),
      of: limit === false ? 'no limit' : `of ${numberText(limit)}`,
      detail: `${hasOverride ? 'a limit of its own; ' : ''}${numberText(pending)} pending, ${numberText(closing)} closing`,
      tone: limit === false ? undefined : held >= limit ? 'bad' : held >= limit * 0.8 ? 'unsure' : undefined,
    },
    {
      name: 'Connections',
      value: numberText(sum(({ connections }) => connections)),
      detail: without === 0 ? 'no manager is without' : `${countText(without, 'manager')} without one`,
      tone: without > 0 ? 'unsure' : undefined,
    },
    {
      name: 'Oldest',
      value: managers.length === 0 ? '–' : durationText(Math.max(...managers.map(({ ageMs }) => ageMs))),
      detail:
        managers.length === 0
          ? ''
          : `idle for ${durationText(Math.max(...managers.map(({ idleMs }) => idleMs)))} at most`,
    },
    {
      name: 'Owned',
      value: numberText(ownedCount),
      of: ownedCount === 1 ? 'resource' : 'resources',
      detail: `${formatBytes(sum(({ unsentBytes }) => unsentBytes))} unsent, ${numberText(sum(({ inFlight }) => inFlight))} at work`,
    },
    ...(shared === null && !isStoreAway
      ? []
      : [
          {
            name: 'On all nodes',
            value: shared === null ? '?' : numberText(shared.held),
            detail: shared === null ? 'the store does not answer' : nodes.join(', ') || 'no node holds one',
            tone: shared === null ? ('bad' as const) : undefined,
          },
        ]),
  ];
}

function ManagerCard({
  user,
  manager,
  heartbeatMs,
  done,
}: {
  readonly user: string;
  readonly manager: ManagerLook;
  readonly heartbeatMs: number | false;
  readonly done: () => void;
}) {
  const { id, state, ageMs, idleMs, quietMs, connections, inFlight, unsentBytes, owned, reason } = manager;
  const isQuiet = heartbeatMs !== false && quietMs !== null && quietMs > 2 * heartbeatMs;
  const isAlone = connections === 0 && state === 'active';
  const tone = state === 'closing' ? 'unsure' : isAlone || isQuiet ? 'bad' : 'ok';
  const facts = [
    `${durationText(ageMs)} old`,
    `idle for ${durationText(idleMs)}`,
    ...(quietMs === null ? [] : [`last byte ${durationText(quietMs)} ago`]),
    ...(inFlight === 0 ? [] : [`${numberText(inFlight)} at work`]),
    ...(unsentBytes === 0 ? [] : [`${formatBytes(unsentBytes)} unsent`]),
    ...(manager.remoteAddress === null ? [] : [`from ${plain(manager.remoteAddress)}`]),
    ...(manager.sessionId === null ? [] : [`session ${plain(manager.sessionId)}`]),
  ];
  return (
    <Card
      tone={tone}
      label={`Manager ${plain(id)}`}
      head={
        <>
          <code>{plain(id)}</code>
          <span class={`chip ${tone}`}>{reason === null ? state : `${state}: ${plain(reason)}`}</span>
          <span class={isAlone ? 'late' : ''}>
            {connections === 0 ? 'no connection' : countText(connections, 'connection')}
          </span>
          <span class="muted grow">{facts.join(' · ')}</span>
          {owned.count === 0 ? null : (
            <details class="owned">
              <summary>
                owns {owned.andMore ? 'more than ' : ''}
                {countText(owned.count, 'resource')}
              </summary>
              <ul>
                {owned.listed.map(({ name, place }, index) => (
                  <li key={index}>
                    {plain(name)}{' '}
                    {place === 'unknown' ? null : (
                      <code class="muted" title={plain(place)}>
                        {shortPlace(place)}
                      </code>
                    )}
                  </li>
                ))}
                {owned.count > owned.listed.length ? (
                  <li class="muted">and {numberText(owned.count - owned.listed.length)} acquired before these</li>
                ) : null}
              </ul>
            </details>
          )}
          {state === 'closing' ? null : (
            <ActionButton
              action="end-manager"
              label="End"
              describe={`End manager ${plain(id)}`}
              title="End this manager"
              confirm="End it"
              body={{ user, managerId: id }}
              isDanger
              done={done}
            >
              <p>
                Its slot is free at once, {countText(connections, 'socket')} and {countText(owned.count, 'resource')} go
                within the cleanup deadline. The client may come back.
              </p>
            </ActionButton>
          )}
        </>
      }
    />
  );
}

function OverrideButton({
  user,
  look,
  done,
}: {
  readonly user: string;
  readonly look: Page['look'] | undefined;
  readonly done: () => void;
}) {
  const [limit, setLimit] = useState('');
  return (
    <>
      <ActionButton
        action="set-override"
        label="Set limit"
        title="Give this user a limit of its own"
        confirm="Set it"
        body={{ user, maxManagers: Number(limit) }}
        done={done}
      >
        <p>
          In place of the {look?.usage.limit === false ? 'missing limit' : `limit of ${look?.usage.limit ?? '…'}`},
          until it is taken back. 0 bans the user; who is connected stays.
        </p>
        <label>
          managers{' '}
          <input
            type="number"
            min={0}
            step={1}
            required
            value={limit}
            onInput={({ currentTarget }) => setLimit(currentTarget.value)}
          />
        </label>
      </ActionButton>
      {look?.hasOverride === true ? (
        <ActionButton
          action="clear-override"
          label="Lift its own limit"
          title="Let the limit of everybody hold again"
          confirm="Lift it"
          body={{ user }}
          done={done}
        >
          <p>The user may hold what the options say.</p>
        </ActionButton>
      ) : null}
    </>
  );
}
