"""An echo on Debian's python3-websockets with at most 20 managers a user, or as many as the second argument says.

The first argument says what is wrong with it: `healthy`, `manager` (a manager is let go of by a clean-up that nobody calls),
`file` (a log file a connection), `thread` (a thread a connection), `memory` (256 KiB a connection), `socket` (a second
descriptor of the connection's own socket, which keeps it open). Its metrics are at `/metrics` for Prometheus and at `/metrics.json`.
"""

import asyncio
import contextlib
import http
import json
import os
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import websockets

FAULT = sys.argv[1] if len(sys.argv) > 1 else 'healthy'
LIMIT = int(sys.argv[2]) if len(sys.argv) > 2 else 20


class Manager:
    def __init__(self, user):
        self.user = user
        self.sent_count = 0


managers = {}
kept = []


def admit(user):
    held = managers.setdefault(user, [])
    if len(held) >= LIMIT:
        return None
    manager = Manager(user)
    held.append(manager)
    return manager


def clean_up(manager):
    held = managers[manager.user]
    held.remove(manager)
    if not held:
        del managers[manager.user]


def leave_behind(socket):
    if FAULT == 'file':
        kept.append(open('/dev/null', 'w'))
    if FAULT == 'thread':
        waiting = threading.Thread(target=threading.Event().wait, daemon=True)
        waiting.start()
    if FAULT == 'socket':
        kept.append(os.dup(socket.transport.get_extra_info('socket').fileno()))
    if FAULT == 'memory':
        kept.append(bytearray(b'x' * 256 * 1024))


async def metrics(path, headers):
    held = sum(len(one) for one in managers.values())
    if path == '/metrics.json':
        text = json.dumps({'app': {'managers': held, 'users': len(managers)}})
        return http.HTTPStatus.OK, [('content-type', 'application/json')], text.encode()
    if path != '/metrics':
        return None
    text = f'# TYPE app_managers gauge\napp_managers{{kind="held"}} {held}\napp_users {len(managers)}\n'
    return http.HTTPStatus.OK, [('content-type', 'text/plain; version=0.0.4')], text.encode()


async def serve_one(socket):
    user = parse_qs(urlsplit(socket.path).query).get('user', ['nobody'])[0]
    manager = admit(user)
    if manager is None:
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.close(4429, 'too many managers')
        return
    leave_behind(socket)
    try:
        async for message in socket:
            manager.sent_count += 1
            await socket.send(message)
    except websockets.ConnectionClosed:
        pass
    finally:
        if FAULT != 'manager':
            clean_up(manager)


async def main():
    async with websockets.serve(serve_one, '127.0.0.1', 0, process_request=metrics) as server:
        print(f'listening on ws://127.0.0.1:{server.sockets[0].getsockname()[1]}', flush=True)
        await asyncio.Future()


asyncio.run(main())
