<?php
// Predis, the client in PHP. Arguments: the port, the port that asks for a password, the password.
error_reporting(E_ALL & ~E_DEPRECATED); // Debian's Predis 1.1 is older than PHP 8.2
require __DIR__ . '/expect.php';
require 'Predis/autoload.php';
[, $port, $lockedPort, $password] = $argv;

$connect = fn($port, $more = []) => new Predis\Client(['host' => '127.0.0.1', 'port' => (int)$port] + $more);
$redis = $connect($port);
$binary = implode('', array_map('chr', range(0, 255))) . "\r\n\0";
expect('OK', (string)$redis->set('k', $binary, 'EX', 100));
expect($binary, $redis->get('k'));
expect(true, in_array($redis->ttl('k'), [99, 100]));
expect(null, $redis->set('k', 'x', 'NX'));
expect(null, $redis->get('none'));
expect('OK', (string)$redis->mset(['a' => 1, 'b' => 2]));
expect(['1', null, '2'], $redis->mget(['a', 'none', 'b']));
expect('1.5', $redis->incrbyfloat('a', 0.5));

expect(range(1, 1000), $redis->pipeline(function ($pipe) {
    for ($i = 0; $i < 1000; $i++) $pipe->incr('n');
}));
$results = $redis->transaction(fn($t) => $t->set('t', 1)->incr('t')->get('t'));
expect(['OK', 2, '2'], [(string)$results[0], $results[1], $results[2]]);
$other = $connect($port);
refused('/aborted/', fn() => $redis->transaction(['watch' => 't', 'cas' => true], function ($t) use ($other) {
    $t->get('t'); // WATCH goes out with the first command
    $other->incr('t');
    $t->multi();
    $t->set('t', 9);
}));
expect('3', $redis->get('t'));

for ($i = 0; $i < 500; $i++) $redis->set("scan:$i", $i);
$found = [];
foreach (new Predis\Collection\Iterator\Keyspace($redis, 'scan:*', 50) as $key) $found[$key] = true;
expect(500, count($found));

refused('/^ERR value is not an integer or out of range$/', fn() => $redis->incr('k'));
refused("/^ERR unknown command 'PFADD'/", fn() => $redis->pfadd('many', ['x']));
expect('OK', (string)$redis->hmset('hash', ['a' => 1, 'b' => 2]));
expect(['a' => '1', 'b' => '2'], $redis->hgetall('hash'));
expect(['a' => '1', 'b' => '2'], iterator_to_array(new Predis\Collection\Iterator\HashKey($redis, 'hash')));
expect(2, $redis->rpush('list', ['x', 'y']));
expect(['x', 'y'], $redis->lrange('list', 0, -1));
expect(2, $redis->sadd('set', ['x', 'y']));
expect(1, $redis->srem('set', ['x', 'z']));
expect(2, $redis->zadd('z', ['x' => 1.5, 'y' => 2]));
expect(['x' => '1.5', 'y' => '2'], $redis->zrange('z', 0, -1, ['withscores' => true]));
refused('/^WRONGTYPE /', fn() => $redis->get('list'));
expect('7', $redis->info()['Server']['redis_version'][0]);
expect('PONG', (string)$redis->ping());
refused('/NOAUTH/', fn() => $connect($lockedPort)->get('k'));
expect('OK', (string)$connect($lockedPort, ['password' => $password])->set('k', 'v'));
