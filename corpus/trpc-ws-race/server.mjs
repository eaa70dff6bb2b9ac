// Posts, and a subscription to them written as an async generator, as the tRPC documentation shows.
import { EventEmitter, on } from 'node:events';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';

const posts = new EventEmitter();
const t = initTRPC.create();
const router = t.router({
  post: t.procedure
    .input((text) => text)
    .mutation(({ input }) => {
      posts.emit('post', { text: input, at: Date.now() });
      return true;
    }),
  onPost: t.procedure.subscription(async function* onPost({ signal }) {
    for await (const [post] of on(posts, 'post', { signal })) yield post;
  }),
});
applyWSSHandler({ wss: new WebSocketServer({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' }), router });
