"""An echo on Debian's python3-tornado. The argument says what is wrong with it: `healthy`, or `file` (a file a connection)."""

import asyncio
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

FAULT = sys.argv[1] if len(sys.argv) > 1 else 'healthy'
journals = []


class Echo(WebSocketHandler):
    def open(self):
        self.journal = open('/dev/null', 'w')
        journals.append(self.journal)

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self):
        if FAULT == 'file':
            return
        journals.remove(self.journal)
        self.journal.close()


async def main():
    sockets = bind_sockets(0, '127.0.0.1')
    HTTPServer(Application([('/', Echo)])).add_sockets(sockets)
    print(f'listening on ws://127.0.0.1:{sockets[0].getsockname()[1]}', flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
