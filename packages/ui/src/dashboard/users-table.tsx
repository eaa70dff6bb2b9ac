import { numberText, plain } from '../text.ts';
import { hrefOfUser } from './address.ts';
import { Scroll } from './scroll.tsx';
import type { Usage } from './types.ts';
import { UsageBar } from './usage-bar.tsx';

export function UsersTable({ users }: { readonly users: readonly Usage[] }) {
  return (
    <Scroll label="Users">
      <table class="wide numbers users">
        <thead>
          <tr>
            <th scope="col">user</th>
            <th scope="col">
              <span class="unseen">of its limit</span>
            </th>
            <th scope="col">held</th>
            <th scope="col">limit</th>
            <th scope="col" class="more">
              pending
            </th>
            <th scope="col" class="more">
              closing
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map(({ user, held, limit, pending, closing }) => (
            <tr key={user}>
              <th scope="row">
                <a href={hrefOfUser(user)}>{plain(user)}</a>
              </th>
              <td class="bar-cell">
                <UsageBar held={held} limit={limit} />
              </td>
              <td>{numberText(held)}</td>
              <td class="muted">{limit === false ? 'none' : limit === 0 ? 'banned' : numberText(limit)}</td>
              <td class="muted more">{numberText(pending)}</td>
              <td class="muted more">{numberText(closing)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
