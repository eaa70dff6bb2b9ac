import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['packages/*/{src,test}/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts'], pool: 'forks', testTimeout: 20_000 } });
