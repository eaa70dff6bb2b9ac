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
  const chosen = more.some((option) => option.startsWith('--only') || option.startsWith('--coverage'));
  // Who names scenarios wants these; everybody else sees all six.
  const all = name === 'healthy' && !chosen ? ['--coverage', 'quick'] : [];
  await prepareAndBecome('packages/watertight/dist/programs/watertight.js', [...EXAMPLES[name], ...all, ...more]);
}
