<?php
// Symfony's cache and rate limiter in database 1, and its lock. Arguments: the port, then redis or predis, and
// redis-server where the lock is not to be tried, since there it works.
error_reporting(E_ALL & ~E_DEPRECATED); // Debian's Predis 1.1 is older than PHP 8.2
require __DIR__ . '/expect.php';
require 'Predis/autoload.php';
require 'Psr/SimpleCache/autoload.php';
require 'Symfony/Component/Cache/autoload.php';
require 'Symfony/Component/Lock/autoload.php';
require 'Symfony/Component/RateLimiter/autoload.php';
use Symfony\Component\Cache\Adapter\{RedisAdapter, TagAwareAdapter};
use Symfony\Component\Cache\Psr16Cache;
use Symfony\Component\Lock\{LockFactory, Store\RedisStore};
use Symfony\Component\RateLimiter\{RateLimiterFactory, Storage\CacheStorage};
[, $port, $client] = $argv;

$connect = fn($database) => RedisAdapter::createConnection(
    "redis://127.0.0.1:$port/$database", ['class' => $client === 'predis' ? 'Predis\Client' : 'Redis']);
$redis = $connect(1);
$cache = new RedisAdapter($redis, 'site', 100);

$computed = 0;
$slow = function ($item) use (&$computed) {
    $item->expiresAfter(50);
    return ['number' => ++$computed];
};
expect(['number' => 1], $cache->get('k', $slow));
expect(['number' => 1], $cache->get('k', $slow));
$items = [];
foreach ($cache->getItems(['k', 'absent']) as $key => $item) $items[$key] = $item->isHit();
expect(['k' => true, 'absent' => false], $items);
$item = $cache->getItem('binary')->set("\0\xff\r\n");
expect(true, $cache->saveDeferred($item) && $cache->commit());
expect("\0\xff\r\n", $cache->getItem('binary')->get());
$simple = new Psr16Cache($cache);
expect(true, $simple->setMultiple(['a' => 1, 'b' => 2], 10));
$values = [];
foreach ($simple->getMultiple(['a', 'absent', 'b']) as $key => $value) $values[$key] = $value;
expect(['a' => 1, 'b' => 2, 'absent' => null], $values); // what is not there comes last
expect(true, $cache->deleteItems(['a', 'b']));

$tagged = new TagAwareAdapter($cache);
expect(true, $tagged->save($tagged->getItem('page')->set('text')->tag(['people'])));
expect('text', $tagged->getItem('page')->get());
expect(true, $tagged->invalidateTags(['people']));
expect(false, $tagged->getItem('page')->isHit());

// A pool of another name space, and another database, stay when this one is cleared.
$another = new RedisAdapter($redis, 'another');
expect(true, $another->save($another->getItem('k')->set(1)));
$zero = new RedisAdapter($connect(0), 'site');
expect(true, $zero->save($zero->getItem('k')->set(1)));
expect(true, $cache->clear());
expect(false, $cache->hasItem('k'));
expect(true, $another->hasItem('k') && $zero->hasItem('k'));
expect(true, (new RedisAdapter($redis))->clear()); // without a name space: FLUSHDB
expect(false, $another->hasItem('k'));
expect(true, $zero->hasItem('k'));

foreach (['fixed_window', 'sliding_window'] as $policy) {
    $limiter = (new RateLimiterFactory(['id' => 'login', 'policy' => $policy, 'limit' => 3, 'interval' => '1 hour'],
                                       new CacheStorage($cache)))->create($policy);
    expect([true, true, true, false], array_map(fn() => $limiter->consume()->isAccepted(), range(1, 4)));
}

if (($argv[3] ?? '') === 'redis-server') exit(0);

// The lock is a sorted set, and does not pretend to have worked.
refused('/Failed to (acquire|release) the "job" lock/', fn() => (new LockFactory(new RedisStore($redis)))->createLock('job')->acquire());
