// As much of Redis as publish and subscribe need (RESP2), in a process of its own. Servers of this folder fork it.
const net = require('net');

/** Channels, patterns and shard channels: name to the connections that listen. */
const audience = { channel: new Map(), pattern: new Map(), shard: new Map() };

const server = net.createServer((connection) => {
  const heard = new Set(); // "channel news" and the like
  let buffered = Buffer.alloc(0);
  connection.on('error', () => {});
  connection.on('close', () => {
    for (const entry of heard) forget(connection, heard, ...split(entry));
  });
  connection.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let command = parse(buffered); command !== undefined; command = parse(buffered)) {
      buffered = buffered.subarray(command.bytes);
      answer(connection, heard, command.words);
    }
  });
});

function answer(connection, heard, [name, ...words]) {
  const word = String(name).toLowerCase();
  const kind = { s: 'shard', p: 'pattern' }[/^([sp]?)(un)?(sub|pub)/.exec(word)?.[1]] ?? 'channel';
  if (/^[sp]?subscribe$/.test(word)) {
    for (const channel of words) {
      const listeners = audience[kind].get(String(channel)) ?? new Set();
      audience[kind].set(String(channel), listeners.add(connection));
      heard.add(`${kind} ${channel}`);
      connection.write(list([word, channel, heard.size]));
    }
  } else if (/^[sp]?unsubscribe$/.test(word)) {
    const mine = [...heard].map(split).filter(([of]) => of === kind);
    const left = words.length > 0 ? words : mine.map(([, channel]) => channel);
    for (const channel of left) {
      forget(connection, heard, kind, String(channel));
      connection.write(list([word, channel, heard.size]));
    }
    if (left.length === 0) connection.write(list([word, null, 0]));
  } else if (word === 'publish' || word === 'spublish') {
    connection.write(`:${publish(word === 'publish' ? 'channel' : 'shard', words)}\r\n`);
  } else if (word === 'pubsub') {
    const [what, ...channels] = words;
    const of = /shard/i.test(String(what)) ? audience.shard : audience.channel;
    connection.write(list(channels.flatMap((channel) => [channel, of.get(String(channel))?.size ?? 0])));
  } else if (word === 'info') {
    connection.write(bulk('redis_version:7.0.0\r\nloading:0\r\n'));
  } else if (word === 'quit') {
    connection.end('+OK\r\n');
  } else {
    connection.write(word === 'ping' ? '+PONG\r\n' : '+OK\r\n');
  }
}

function publish(kind, [channel, message]) {
  const direct = [...(audience[kind].get(String(channel)) ?? [])];
  for (const one of direct) one.write(list([kind === 'shard' ? 'smessage' : 'message', channel, message]));
  if (kind === 'shard') return direct.length;
  let count = direct.length;
  for (const [pattern, listeners] of audience.pattern) {
    if (!matches(pattern, String(channel))) continue;
    for (const one of listeners) one.write(list(['pmessage', pattern, channel, message]));
    count += listeners.size;
  }
  return count;
}

function forget(connection, heard, kind, channel) {
  const listeners = audience[kind].get(channel);
  listeners?.delete(connection);
  if (listeners?.size === 0) audience[kind].delete(channel);
  heard.delete(`${kind} ${channel}`);
}

function split(entry) {
  const space = entry.indexOf(' ');
  return [entry.slice(0, space), entry.slice(space + 1)];
}

/** `*` and `?` as in Redis; patterns are few, so nothing is kept. */
function matches(pattern, channel) {
  const source = pattern
    .replace(/[.+^${}()|\\[\]]/g, '\\$&')
    .replace(/\*/g, '[^]*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(channel);
}

/** One whole command at the start of the bytes, as the words it consists of. */
function parse(bytes) {
  let at = 0;
  const line = () => {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  const count = Number(line()?.slice(1));
  if (!(count > 0)) return undefined;
  const words = [];
  while (words.length < count) {
    const length = Number(line()?.slice(1));
    if (!(bytes.length >= at + length + 2)) return undefined;
    words.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length + 2;
  }
  return { words, bytes: at };
}

function bulk(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

function list(values) {
  const encode = (value) => {
    if (value === null) return Buffer.from('$-1\r\n');
    return typeof value === 'number' ? Buffer.from(`:${value}\r\n`) : bulk(value);
  };
  return Buffer.concat([Buffer.from(`*${values.length}\r\n`), ...values.map(encode)]);
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
