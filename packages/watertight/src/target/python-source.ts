/** By this a Python learns where we listen. */
export const ADDRESS_VARIABLE = 'WATERTIGHT_PYTHON';

/**
 * What a Python that we start runs before anything else, as its `sitecustomize`. It takes itself out of path and environment, lets
 * the `sitecustomize` that it stands in front of have its turn, and counts live blocks by line only while it is asked to. No module
 * is imported for it that a program may want to patch first, and it prints nothing.
 */
export const SITECUSTOMIZE: string = `import os
import sys


def _hide():
    here = os.path.dirname(os.path.abspath(__file__))
    address = os.environ.pop('${ADDRESS_VARIABLE}', None)
    rest = [one for one in os.environ.get('PYTHONPATH', '').split(os.pathsep) if one != here]
    if rest:
        os.environ['PYTHONPATH'] = os.pathsep.join(rest)
    else:
        os.environ.pop('PYTHONPATH', None)
    sys.path[:] = [one for one in sys.path if one != here]
    sys.path_importer_cache.pop(here, None)
    return address


def _watch(address):
    import _socket
    import _thread

    library = os.path.dirname(os.path.abspath(os.__file__))

    def is_own(name):
        return not (name.startswith((library, '<')) or 'site-packages' in name or 'dist-packages' in name)

    def look():
        import gc
        import json
        import tracemalloc

        gc.collect()
        lines = {}
        for trace in tracemalloc.take_snapshot().traces:
            frames = list(trace.traceback)[::-1]
            at = next((index for index, frame in enumerate(frames) if is_own(frame.filename)), None)
            # What is known only to hang on the line that started everything says nothing.
            if at is None or (at == len(frames) - 1 and at > 0):
                continue
            key = (frames[at].filename, frames[at].lineno)
            count, size = lines.get(key, (0, 0))
            lines[key] = (count + 1, size + trace.size)
        return json.dumps([[name, line, count, size] for (name, line), (count, size) in lines.items()])

    def answer(asked):
        import tracemalloc

        if asked == b'start':
            tracemalloc.start(25)
        elif asked == b'stop':
            tracemalloc.stop()
        elif asked == b'look':
            return look().encode()
        return b'[]'

    def serve():
        try:
            ours = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
            ours.connect(address)
            ours.sendall(b'%d\\n' % os.getpid())
            while True:
                asked = ours.recv(64)
                if not asked:
                    return
                ours.sendall(answer(asked.strip()) + b'\\n')
        except Exception:
            return

    _thread.start_new_thread(serve, ())


_address = _hide()
if _address is not None and sys.platform != 'win32':
    try:
        _watch(_address)
    except Exception:
        pass
_ours = sys.modules.pop('sitecustomize', None)
try:
    import sitecustomize
except ImportError as _error:
    sys.modules['sitecustomize'] = _ours
    if _error.name != 'sitecustomize':
        raise
`;
