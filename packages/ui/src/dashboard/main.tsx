import { render } from 'preact';

import { DashboardPage } from './dashboard-page.tsx';

const host = document.getElementById('dashboard');
if (host !== null) {
  host.replaceChildren();
  render(<DashboardPage />, host);
}
