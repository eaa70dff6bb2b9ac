import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { examplesIn, runModule } from '../../server/test/examples.ts';
import { ACTION_NAMES } from '../src/action-names.ts';
import { TOKEN } from './dashboard-kit.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const ASK = `
const { port } = server.address() ?? (await new Promise((resolve) => server.once('listening', () => resolve(server.address()))));
const asked = await fetch('http://127.0.0.1:' + port + '/watertight/api/overview', { headers: { authorization: 'Bearer ${TOKEN}' } });
console.log(asked.status, (await asked.json()).factories[0].name, (await fetch('http://127.0.0.1:' + port + '/')).status);
await board.close();
await factory.close();
server.close();
server.closeAllConnections();
`;

test.each(['../dashboard/README.md', '../dashboard/src/dashboard.ts'])(
  '[DB17] the example in %s serves',
  async (file) => {
    const [example = ''] = examplesIn(file);
    const listening = example.includes('server.listen')
      ? example.replace('listen(3000)', 'listen(0)')
      : `${example}\nserver.listen(0);`;
    const result = await runModule(`${listening}\n${ASK}`, { env: { DASHBOARD_TOKEN: TOKEN } });
    expect(result).toMatchObject({ exitCode: 0, stdout: '200 chat 404\n', stderr: '' });
  },
);

test('[DB17] the examples of a port of its own keep no process alive', async () => {
  const [, ofReadme = ''] = examplesIn('../dashboard/README.md');
  const [ofCode = ''] = examplesIn('../dashboard/src/serve.ts');
  for (const example of [ofReadme, ofCode])
    expect(await runModule(example)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\n$/) as unknown,
      stderr: '',
    });
});

test('[DB17] the tables of README.md have the options and the actions of the code', () => {
  const options = readFileSync(new URL('../src/options.ts', import.meta.url), 'utf8');
  const [, known = ''] =
    /KNOWN: ReadonlySet<string> = new Set<keyof DashboardOptions>\(\[(.*?)\]\)/s.exec(options) ?? [];
  const names = [...known.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  const [, table = ''] = readme.split('\n## Options\n');
  for (const name of names) expect(table).toContain(`\`${name}\``);
  const [, actions = ''] = readme.split('\n## Acting\n');
  const rows = [...actions.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  expect(rows).toEqual([...ACTION_NAMES]);
});
