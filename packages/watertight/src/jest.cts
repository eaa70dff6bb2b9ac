import type { JestGlobals, JestKit } from './jest-binding.js' with { 'resolution-mode': 'import' };

// Jest reads CommonJS with a loader of its own, which knows no ES modules, and hides that of Node. Only Node's own realm still has
// it; the globals of the test file are handed over, because what Node loads has Node's.
const { runInThisContext } = process.getBuiltinModule('node:vm');
const nodesOwn = runInThisContext('process') as NodeJS.Process;
const { createRequire } = nodesOwn.getBuiltinModule('node:module');
const { bindJest } = createRequire(__filename)('./jest-binding.js') as {
  bindJest(this: void, realm: JestGlobals): JestKit;
};

module.exports = bindJest(globalThis);
