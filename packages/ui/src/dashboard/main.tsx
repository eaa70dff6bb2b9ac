import { render } from 'preact';

const host = document.getElementById('dashboard');
if (host !== null) render(<main>…</main>, host);
