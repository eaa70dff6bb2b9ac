// @ts-check
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createManagerFactory } from '@watertight/server';
import { guardSessions } from '@watertight/server/sessions';
import { OPTIONS, PORT, userOf } from './options.js';

const { handle } = guardSessions({
  factory: createManagerFactory({ name: 'mcp', ...OPTIONS }),
  identify: userOf,
  sessionIdleMs: 60_000,
  open: async ({ id, manager }) => {
    const mcp = new McpServer({ name: 'hello', version: '1.0.0' });
    mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: `hello ${manager.user}` }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    await mcp.connect(transport);
    manager.defer(() => mcp.close());
    return (request, response) => transport.handleRequest(request, response);
  },
});
createServer((request, response) => void handle(request, response)).listen(PORT, '127.0.0.1');
