// node-redis. Arguments: the port, the port that asks for a password, the password.
'use strict';
const assert = require('assert');
const { createClient, commandOptions } = require('redis');
const [port, lockedPort, password] = process.argv.slice(2);

async function connect(options) {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, ...options });
  client.on('error', () => {}); // without a listener an error ends the process
  await client.connect();
  return client;
}

async function main() {
  const client = await connect({ name: 'matrix' });
  const binary = Buffer.from([...Array(256).keys(), 13, 10, 0]);
  assert.equal(await client.set('k', binary, { EX: 100 }), 'OK');
  assert.deepEqual(await client.get(commandOptions({ returnBuffers: true }), 'k'), binary);
  assert.ok([99, 100].includes(await client.ttl('k')));
  assert.equal(await client.set('k', 'x', { NX: true }), null);
  assert.equal(await client.get('none'), null);
  assert.equal(await client.clientGetName(), 'matrix');

  assert.equal(await client.mSet({ a: '1', b: '2' }), 'OK');
  assert.deepEqual(await client.mGet(['a', 'none', 'b']), ['1', null, '2']);
  assert.equal(await client.incrByFloat('a', 0.5), '1.5');

  // Written in one tick, so node-redis sends them as one pipeline.
  const counts = await Promise.all([...Array(1000)].map(() => client.incr('n')));
  assert.deepEqual(counts, [...Array(1000).keys()].map((i) => i + 1));

  assert.deepEqual(await client.multi().set('t', '1').incr('t').get('t').exec(), ['OK', 2, '2']);
  const other = await connect();
  await client.watch('t');
  await other.incr('t');
  await assert.rejects(client.multi().set('t', '9').exec(), /watched keys/);
  assert.equal(await client.get('t'), '3');

  const found = new Set();
  for (let i = 0; i < 500; i++) await client.set(`scan:${i}`, i.toString());
  for await (const key of client.scanIterator({ MATCH: 'scan:*', COUNT: 50 })) found.add(key);
  assert.equal(found.size, 500);

  await assert.rejects(client.incr('k'), /ERR value is not an integer or out of range/);
  await assert.rejects(client.pfAdd('many', 'x'), /ERR unknown command 'PFADD'/);

  assert.equal(await client.hSet('hash', { a: '1', b: '2' }), 2);
  assert.deepEqual({ ...await client.hGetAll('hash') }, { a: '1', b: '2' });
  const fields = [];
  for await (const { field, value } of client.hScanIterator('hash')) fields.push(field + value);
  assert.deepEqual(fields.sort(), ['a1', 'b2']);
  assert.equal(await client.rPush('list', ['x', 'y', 'z']), 3);
  assert.deepEqual(await client.lRange('list', 1, -1), ['y', 'z']);
  assert.equal(await client.sAdd('set', ['x', 'y']), 2);
  assert.deepEqual((await client.sMembers('set')).sort(), ['x', 'y']);
  assert.equal(await client.zAdd('z', [{ score: 1.5, value: 'x' }, { score: 2, value: 'y' }]), 2);
  assert.deepEqual(await client.zRangeWithScores('z', 0, 0), [{ score: 1.5, value: 'x' }]);
  assert.equal(await client.ping(), 'PONG');

  await assert.rejects((await connect({ url: `redis://127.0.0.1:${lockedPort}` })).get('k'), /NOAUTH/);
  const locked = await connect({ url: `redis://127.0.0.1:${lockedPort}`, password });
  assert.equal(await locked.set('k', 'v'), 'OK');
  await client.quit();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
