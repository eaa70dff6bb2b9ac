import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Section } from '../section.tsx';
import { countText, numberText, plain } from '../text.ts';
import { hrefOfUser } from './address.ts';
import type { FactoryLook, SharedUsers, UserList } from './types.ts';
import { useAnswer } from './use-answer.ts';
import { UsersTable } from './users-table.tsx';
import { Waiting } from './waiting.tsx';

const PAGE_SIZE = 50;
const TYPED_AFTER_MS = 250;

/** Users, who holds most first, page by page. */
export function UsersPage({ factory }: { readonly factory: FactoryLook }) {
  const [contains, setContains] = useState('');
  const [minHeld, setMinHeld] = useState(0);
  const [everywhere, setEverywhere] = useState(false);
  /** Of the pages before this one. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const typed = useSettled(contains);
  useEffect(() => setCursors([]), [typed, minHeld, everywhere]);
  const paging = {
    page: cursors.length,
    cursor: cursors.at(-1),
    next: (cursor: string) => setCursors([...cursors, cursor]),
    back: () => setCursors(cursors.slice(0, -1)),
  };
  return (
    <Section id="users" title="Users" as="h1" beside={<span class="muted">who holds most first</span>}>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        {everywhere ? null : (
          <label>
            id contains{' '}
            <input
              type="search"
              maxLength={256}
              value={contains}
              onInput={({ currentTarget }) => setContains(currentTarget.value)}
            />
          </label>
        )}
        <label>
          holds at least{' '}
          <input
            type="number"
            min={0}
            value={minHeld}
            onInput={({ currentTarget }) => setMinHeld(Math.max(0, Math.floor(Number(currentTarget.value) || 0)))}
          />
        </label>
        {factory.quota === null ? null : (
          <label>
            on{' '}
            <select
              value={String(everywhere)}
              onChange={({ currentTarget }) => setEverywhere(currentTarget.value === 'true')}
            >
              <option value="false">this node</option>
              <option value="true">all {factory.quota.nodes} nodes</option>
            </select>
          </label>
        )}
      </form>
      {everywhere ? (
        <SharedPage factory={factory.name} minHeld={minHeld} paging={paging} />
      ) : (
        <LocalPage factory={factory.name} contains={typed} minHeld={minHeld} paging={paging} />
      )}
    </Section>
  );
}

interface Paging {
  readonly page: number;
  readonly cursor: string | undefined;
  readonly next: (cursor: string) => void;
  readonly back: () => void;
}

function LocalPage({
  factory,
  contains,
  minHeld,
  paging,
}: {
  readonly factory: string;
  readonly contains: string;
  readonly minHeld: number;
  readonly paging: Paging;
}) {
  const { value, problem, isAsking, again } = useAnswer<UserList>('users', {
    factory,
    contains: contains === '' ? undefined : contains,
    minHeld,
    pageSize: PAGE_SIZE,
    cursor: paging.cursor,
  });
  if (value === undefined) return <Waiting problem={problem} />;
  const first = paging.page * PAGE_SIZE + 1;
  return (
    <>
      {value.users.length === 0 ? (
        <p class="muted">Nobody of this kind is here.</p>
      ) : (
        <UsersTable users={value.users} />
      )}
      <Pager paging={paging} cursor={value.cursor} isAsking={isAsking} again={again}>
        {value.users.length === 0
          ? ''
          : `${numberText(first)} to ${numberText(first + value.users.length - 1)} of ${countText(value.matching, 'user')}`}
      </Pager>
    </>
  );
}

/** What the store knows: how many leases each user has, in the order of the store. */
function SharedPage({
  factory,
  minHeld,
  paging,
}: {
  readonly factory: string;
  readonly minHeld: number;
  readonly paging: Paging;
}) {
  const query = { factory, minHeld: Math.max(1, minHeld), cursor: paging.cursor };
  const { value, problem, isAsking, again } = useAnswer<SharedUsers>('shared-users', query);
  if (value === undefined) return <Waiting problem={problem} />;
  return (
    <>
      <table class="wide numbers users">
        <thead>
          <tr>
            <th scope="col">user</th>
            <th scope="col">held on all nodes</th>
          </tr>
        </thead>
        <tbody>
          {value.users.map(({ user, held }) => (
            <tr key={user}>
              <th scope="row">
                <a href={hrefOfUser(user)}>{plain(user)}</a>
              </th>
              <td>{numberText(held)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pager paging={paging} cursor={value.cursor} isAsking={isAsking} again={again}>
        {countText(value.users.length, 'user')} on this page
      </Pager>
    </>
  );
}

function Pager({
  paging: { page, next, back },
  cursor,
  isAsking,
  again,
  children,
}: {
  readonly paging: Paging;
  readonly cursor: string | undefined;
  readonly isAsking: boolean;
  readonly again: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="pager">
      <span class="muted" role="status">
        {children}
      </span>
      <button type="button" class="quiet" disabled={page === 0 || isAsking} onClick={back}>
        Back
      </button>
      <button
        type="button"
        class="quiet"
        disabled={cursor === undefined || isAsking}
        onClick={() => {
          if (cursor !== undefined) next(cursor);
        }}
      >
        Next
      </button>
      <button type="button" class="quiet" disabled={isAsking} onClick={again}>
        Look again
      </button>
    </div>
  );
}

/** What was typed, once nothing more is. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
