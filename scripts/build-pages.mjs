// @ts-check
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { ROOT, isMain } from './root.mjs';

const PAGES = join(ROOT, 'packages', 'ui');
const OUTPUT = join(ROOT, 'packages', 'watertight', 'dist', 'report', 'page.html');
const DASHBOARD = join(ROOT, 'packages', 'dashboard', 'dist', 'pages');
/** What is bundled of others, with the licence each asks to be shown. */
const BUNDLED = ['preact', 'uplot'];

/** Builds the page of the report: one file that asks nobody for anything. The result is put in when it is rendered. */
export async function buildReportPage() {
  // A closing tag in a script or style would end it in the page.
  const script = (await bundle('src/report.tsx')).replaceAll('</script', '<\\/script');
  const style = await bundle('src/report.css');
  const policy = [
    `default-src 'none'`,
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  mkdirSync(dirname(OUTPUT), { recursive: true });
  writeFileSync(OUTPUT, pageOf({ policy, style, script, notices: escaped(noticesOf(BUNDLED)) }));
}

/**
 * What is hashed must stand in its element as it is. `{{result}}` is where the result goes.
 *
 * @param {Readonly<Record<'policy' | 'style' | 'script' | 'notices', string>>} parts
 */
function pageOf({ policy, style, script, notices }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>Watertight report</title>
<style>${style}</style>
</head>
<body>
<div id="report"><noscript>This page draws itself and needs JavaScript. <code>watertight report result.json</code> shows the same in a terminal.</noscript></div>
<footer class="notices"><details><summary>Notices of what this page contains</summary><pre>${notices}</pre></details></footer>
<script type="application/json" id="result">{{result}}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Builds the pages of the dashboard: one document, its script and its style, as files that its server hands out under a strict policy. */
export async function buildDashboardPages() {
  mkdirSync(DASHBOARD, { recursive: true });
  writeFileSync(join(DASHBOARD, 'dashboard.mjs'), await bundle('src/dashboard/main.tsx'));
  writeFileSync(join(DASHBOARD, 'dashboard.css'), await bundle('src/dashboard/dashboard.css'));
  writeFileSync(join(DASHBOARD, 'notices.txt'), noticesOf(BUNDLED));
  writeFileSync(join(DASHBOARD, 'icon.svg'), ICON);
  writeFileSync(join(DASHBOARD, 'index.html'), DASHBOARD_DOCUMENT);
}

/** A drop. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0b5cad" d="M8 1C5 5 3 7.6 3 10a5 5 0 0 0 10 0C13 7.6 11 5 8 1z"/></svg>
`;

const DASHBOARD_DOCUMENT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Watertight</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="dashboard.css">
<script type="module" src="dashboard.mjs"></script>
</head>
<body>
<div id="dashboard"><noscript>This page draws itself and needs JavaScript.</noscript></div>
<footer class="notices"><a href="notices.txt">Notices of what this page contains</a></footer>
</body>
</html>
`;

/** @param {string} entry */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(PAGES, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.css': 'css' },
  });
  return (outputFiles[0]?.text ?? '').trim();
}

/** @param {string} text */
function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** @param {readonly string[]} names */
function noticesOf(names) {
  const require = createRequire(join(PAGES, 'package.json'));
  return names
    .map((name) => {
      const manifest = require.resolve(`${name}/package.json`);
      const { version, license } = JSON.parse(readFileSync(manifest, 'utf8'));
      const text = readFileSync(join(dirname(manifest), 'LICENSE'), 'utf8');
      return `${name} ${version} (${license})\n\n${text.trim()}`;
    })
    .join('\n\n\n');
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

if (isMain(import.meta.url)) {
  await buildReportPage();
  await buildDashboardPages();
}
