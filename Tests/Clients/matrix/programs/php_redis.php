<?php
// php-redis, the extension in C. Arguments: the port, the port that asks for a password, the password.
require __DIR__ . '/expect.php';
[, $port, $lockedPort, $password] = $argv;

$redis = new Redis();
$redis->connect('127.0.0.1', (int)$port);
$binary = implode('', array_map('chr', range(0, 255))) . "\r\n\0";
expect(true, $redis->set('k', $binary, ['ex' => 100]));
expect($binary, $redis->get('k'));
expect(true, in_array($redis->ttl('k'), [99, 100]));
expect(false, $redis->set('k', 'x', ['nx']));
expect(false, $redis->get('none'));
expect(true, $redis->mset(['a' => 1, 'b' => 2]));
expect(['1', false, '2'], $redis->mget(['a', 'none', 'b']));
expect(1.5, $redis->incrByFloat('a', 0.5));
expect(true, $redis->client('setname', 'matrix'));
expect('matrix', $redis->client('getname'));
expect('matrix', $redis->client('list')[0]['name']);

$pipe = $redis->pipeline();
for ($i = 0; $i < 1000; $i++) $pipe->incr('n');
expect(range(1, 1000), $pipe->exec());
expect([true, 2, '2'], $redis->multi()->set('t', 1)->incr('t')->get('t')->exec());
$other = new Redis();
$other->connect('127.0.0.1', (int)$port);
$redis->watch('t');
$other->incr('t');
expect(false, $redis->multi()->set('t', 9)->exec());
expect('3', $redis->get('t'));

for ($i = 0; $i < 500; $i++) $other->set("scan:$i", $i);
$redis->setOption(Redis::OPT_SCAN, Redis::SCAN_RETRY);
$found = [];
$cursor = null;
while ($keys = $redis->scan($cursor, 'scan:*', 50)) foreach ($keys as $key) $found[$key] = true;
expect(500, count($found));

// Values that PHP serialized come back as they were.
$redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
$redis->set('list', [1, 'two', null, 3.5]);
expect([1, 'two', null, 3.5], $redis->get('list'));
$redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_NONE);

expect(false, $redis->incr('k'));
expect(1, preg_match('/^ERR value is not an integer or out of range/', $redis->getLastError()));
expect(false, $redis->pfAdd('many', ['x']));
expect(1, preg_match("/^ERR unknown command 'PFADD'/", $redis->getLastError()));
expect(true, $redis->hMSet('hash', ['a' => 1, 'b' => 2]));
expect(['a' => '1', 'b' => '2'], $redis->hGetAll('hash'));
$cursor = null;
expect(['a' => '1', 'b' => '2'], $redis->hScan('hash', $cursor));
expect(2, $redis->rPush('l', 'x', 'y'));
expect(['x', 'y'], $redis->lRange('l', 0, -1));
expect(2, $redis->sAdd('set', 'x', 'y'));
expect([true, false], [$redis->sIsMember('set', 'x'), $redis->sIsMember('set', 'z')]);
expect(2, $redis->zAdd('z', 1.5, 'x', 2, 'y'));
expect(['x' => 1.5, 'y' => 2.0], $redis->zRange('z', 0, -1, true));
expect([], $redis->zRangeByScore('z', '(2', '+inf'));
expect(false, $redis->get('l'));
expect(1, preg_match('/^WRONGTYPE /', $redis->getLastError()));
expect('7', $redis->info()['redis_version'][0]);
expect(true, $redis->ping());

$locked = new Redis();
$locked->connect('127.0.0.1', (int)$lockedPort);
refused('/NOAUTH/', fn() => $locked->get('k'));
expect(true, $locked->auth($password));
expect(true, $locked->set('k', 'v'));
