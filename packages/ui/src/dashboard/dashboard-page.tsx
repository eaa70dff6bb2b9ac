import { useEffect, useState } from 'preact/hooks';

import { plain } from '../text.ts';
import { ThemeButton } from '../theme-button.tsx';
import { Themed, useTheme } from '../theme.ts';
import { ActingProvider } from './acting.tsx';
import { AlertsPage } from './alerts-page.tsx';
import { AskError, messageOf, read, send } from './ask.ts';
import { EndsPage } from './ends-page.tsx';
import { type Live, useLive } from './live.ts';
import { OverviewPage } from './overview-page.tsx';
import { hrefOfUser, type Route } from './address.ts';
import { useRoute } from './route.ts';
import { SignIn } from './sign-in.tsx';
import type { Overview, Session } from './types.ts';
import { UserPage } from './user-page.tsx';
import { UsersPage } from './users-page.tsx';
import { Waiting } from './waiting.tsx';

interface Door {
  readonly session?: Session;
  readonly access?: string;
  readonly problem?: string;
}

const PAGES = [
  ['overview', 'Overview'],
  ['users', 'Users'],
  ['ends', 'Last ends'],
  ['alerts', 'Alerts'],
] as const;

/** Everything: who may look, where one is, and what is there. */
export function DashboardPage() {
  const theme = useTheme();
  const route = useRoute();
  const [door, setDoor] = useState<Door>({});
  const knock = (): void =>
    void read<Session>('session').then(
      (session) => setDoor({ session }),
      (error: unknown) =>
        setDoor((before) =>
          error instanceof AskError && error.status !== 0
            ? { problem: error.message, ...(error.access === undefined ? {} : { access: error.access }) }
            : { ...before, problem: messageOf(error) },
        ),
    );
  useEffect(knock, []);
  const { session } = door;
  const live = useLive(session !== undefined, knock);
  const [chosen, choose] = useState<string>();
  const factories = live.overview?.factories ?? [];
  const named = route.page === 'user' ? route.factory : undefined;
  const factory = factories.find(({ name }) => name === (named ?? chosen)) ?? factories[0];
  // Whoever followed a link into another factory goes on there.
  useEffect(() => {
    if (named !== undefined) choose(named);
  }, [named]);
  const firing = factories.reduce((count, { alerts }) => count + alerts.length, 0);
  useEffect(() => {
    document.title = `${firing > 0 ? `(${firing}) ` : ''}${factory === undefined ? '' : `${plain(factory.name)} – `}Watertight`;
  }, [firing, factory?.name]);
  return (
    <Themed.Provider value={theme.shown}>
      <header class="top">
        <span class="brand">watertight</span>
        {session === undefined ? <span class="grow" /> : <Places route={route} firing={firing} />}
        {factories.length > 1 ? (
          <select
            aria-label="Factory"
            value={factory?.name ?? ''}
            onChange={({ currentTarget }) => {
              choose(currentTarget.value);
              if (route.page === 'user') location.hash = hrefOfUser(route.user);
            }}
          >
            {factories.map(({ name }) => (
              <option key={name} value={name}>
                {plain(name)}
              </option>
            ))}
          </select>
        ) : null}
        {session === undefined ? null : <Pulse live={live} />}
        <ThemeButton theme={theme} />
        {session?.access === 'token' ? (
          <button
            type="button"
            class="quiet"
            onClick={() => void send('DELETE', 'session').then(() => setDoor({ access: 'token' }))}
          >
            Sign out
          </button>
        ) : null}
      </header>
      {session === undefined ? (
        <SignIn access={door.access} problem={door.problem} signedIn={knock} />
      ) : live.overview === undefined || factory === undefined ? (
        <main>
          <Waiting />
        </main>
      ) : (
        <ActingProvider session={session} factory={factory.name}>
          <main key={factory.name}>
            <Page route={route} live={live} overview={live.overview} name={factory.name} />
          </main>
        </ActingProvider>
      )}
    </Themed.Provider>
  );
}

function Places({ route, firing }: { readonly route: Route; readonly firing: number }) {
  const here = route.page === 'user' ? 'users' : route.page;
  return (
    <nav aria-label="Pages">
      {PAGES.map(([page, title]) => (
        <a key={page} href={`#/${page}`} {...(page === here ? { 'aria-current': 'page' as const } : {})}>
          {title}
          {page === 'alerts' && firing > 0 ? <span class="count bad">{firing}</span> : null}
        </a>
      ))}
    </nav>
  );
}

/** Whether what is shown is still true. */
function Pulse({ live: { isConnected, overview } }: { readonly live: Live }) {
  if (overview === undefined) return null;
  return (
    <span class={`pulse ${isConnected ? 'ok' : 'bad'}`} role="status">
      {isConnected ? 'live' : 'connection lost, trying again'}
    </span>
  );
}

function Page({
  route,
  live,
  overview,
  name,
}: {
  readonly route: Route;
  readonly live: Live;
  readonly overview: Overview;
  readonly name: string;
}) {
  const look = overview.factories.find((one) => one.name === name);
  if (look === undefined) return null;
  if (route.page === 'users') return <UsersPage factory={look} />;
  if (route.page === 'user')
    return <UserPage key={route.user} factory={name} user={route.user} options={look.options} />;
  if (route.page === 'ends') return <EndsPage factory={look} />;
  if (route.page === 'alerts') return <AlertsPage overview={overview} />;
  return <OverviewPage overview={overview} factory={look} series={live.series.get(name)} />;
}
