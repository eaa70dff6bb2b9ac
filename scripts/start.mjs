// @ts-check
import { prepareAndBecome } from './prepare.mjs';

/** What `npm start` and `npm run start:leaky` check. */
const EXAMPLES = {
  healthy: ['check', '--config', 'examples/chat/watertight.config.json'],
  leaky: ['check', '--config', 'examples/chat/leaky.config.json'],
};

const [name, ...more] = process.argv.slice(2);
if (name !== 'healthy' && name !== 'leaky') {
  process.stderr.write(
    `usage: node scripts/start.mjs ${Object.keys(EXAMPLES).join('|')} [options of watertight check]\n`,
  );
  process.exitCode = 2;
} else {
  await prepareAndBecome('packages/watertight/dist/cli/main.js', [...EXAMPLES[name], ...more]);
}
