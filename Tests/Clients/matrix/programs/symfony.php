<?php
// Symfony's caches and rate limiter in database 1, and its lock. Arguments: the port, then redis or predis.
error_reporting(E_ALL & ~E_DEPRECATED); // Debian's Predis 1.1 is older than PHP 8.2
require __DIR__ . '/expect.php';
require 'Predis/autoload.php';
require 'Psr/SimpleCache/autoload.php';
require 'Symfony/Component/Cache/autoload.php';
require 'Symfony/Component/Lock/autoload.php';
require 'Symfony/Component/RateLimiter/autoload.php';
use Symfony\Component\Cache\Adapter\{RedisAdapter, RedisTagAwareAdapter, TagAwareAdapter};
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

// RedisTagAwareAdapter keeps what a tag is on in a set, which has no time to live; so it asks for a policy that evicts
// none of these.
$redis->config('SET', 'maxmemory-policy', 'volatile-lru');
$sets = new RedisTagAwareAdapter($redis, 'sets', 100);
foreach (range(1, 300) as $number) {
    $item = $sets->getItem("page$number")->set("text $number")->tag($number % 2 ? ['odd', 'all'] : ['even', 'all']);
    expect(true, $sets->saveDeferred($item));
}
expect(true, $sets->commit());
expect('text 7', $sets->getItem('page7')->get());
expect(['even', 'all'], array_values($sets->getItem('page8')->getMetadata()['tags']));
expect(true, $sets->save($sets->getItem('page8')->set('text 8')->tag(['odd']))); // leaves its tags
expect(true, $sets->invalidateTags(['odd']));
expect([false, false, true], array_map(fn($number) => $sets->hasItem("page$number"), [7, 8, 10]));
expect(true, $sets->deleteItem('page10'));
expect(true, $sets->invalidateTags(['all', 'even']));
expect(false, $sets->hasItem('page12'));
expect(1, $sets->get('fresh', fn($item) => $item->tag('even')->set(1)->get()));
expect(true, $sets->clear());

// The lock is a sorted set of who holds it until when: one writer, or many readers.
$locks = new LockFactory(new RedisStore($redis));
$lock = $locks->createLock('job');
expect(true, $lock->acquire());
expect(false, $locks->createLock('job')->acquire());
expect(false, $locks->createLock('job')->acquireRead());
$lock->refresh(100);
expect(true, $lock->isAcquired() && $lock->getRemainingLifetime() > 90);
$lock->release();
$readers = [$locks->createLock('job'), $locks->createLock('job')];
expect([true, true], array_map(fn($reader) => $reader->acquireRead(), $readers));
expect(false, $readers[0]->acquire());
$readers[1]->release();
expect(true, $readers[0]->acquire());
expect(false, $readers[1]->acquireRead());
$readers[0]->release();
expect(0, $redis->exists('job'));
