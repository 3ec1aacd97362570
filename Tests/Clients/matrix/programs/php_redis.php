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
expect(false, $redis->lPush('l', 'x'));
expect(1, preg_match("/^ERR unknown command 'LPUSH'/", $redis->getLastError()));
expect('7', $redis->info()['redis_version'][0]);
expect(true, $redis->ping());

$locked = new Redis();
$locked->connect('127.0.0.1', (int)$lockedPort);
refused('/NOAUTH/', fn() => $locked->get('k'));
expect(true, $locked->auth($password));
expect(true, $locked->set('k', 'v'));
