<?php
// Laravel's cache, locks, rate limiter and sessions with the configuration of a new project: the cache in database 1,
// other things in 0. Arguments: the port, then phpredis or predis.
error_reporting(E_ALL & ~E_DEPRECATED); // Debian's Laravel 8 is older than PHP 8.2
require __DIR__ . '/expect.php';
require 'Predis/autoload.php';
require 'Illuminate/Container/autoload.php';
require 'Illuminate/Config/autoload.php';
require 'Illuminate/Cache/autoload.php';
require 'Illuminate/Redis/autoload.php';
require 'Illuminate/Session/autoload.php';
[, $port, $client] = $argv;
$server = ['host' => '127.0.0.1', 'port' => $port, 'password' => null];

$app = new Illuminate\Container\Container();
Illuminate\Container\Container::setInstance($app);
$app['config'] = new Illuminate\Config\Repository([
    'database.redis' => [
        'client' => $client, 'options' => ['cluster' => 'redis', 'prefix' => 'laravel_database_'],
        'default' => $server + ['database' => '0'], 'cache' => $server + ['database' => '1'],
    ],
    'cache' => [
        'default' => 'redis', 'prefix' => 'laravel_cache',
        'stores' => ['redis' => ['driver' => 'redis', 'connection' => 'cache', 'lock_connection' => 'default']],
    ],
    'session' => ['driver' => 'redis', 'lifetime' => 120, 'connection' => 'default', 'cookie' => 'laravel_session',
                  'store' => null, 'encrypt' => false],
]);
$app->singleton('redis', fn() => new Illuminate\Redis\RedisManager($app, $client, $app['config']['database.redis']));
$app->singleton('cache', fn() => new Illuminate\Cache\CacheManager($app));
$cache = $app['cache']->store();

expect(true, $cache->put('k', ['a' => 1.5], 100));
expect(['a' => 1.5], $cache->get('k'));
expect('default', $cache->get('absent', 'default'));
expect(true, $cache->add('new', 1, 100));
expect(false, $cache->add('new', 2, 100));
expect(3, (int)$cache->increment('n', 3));
expect(2, (int)$cache->decrement('n'));
expect(true, $cache->putMany(['x' => 'one', 'y' => 'two'], 100));
expect(['x' => 'one', 'absent' => null, 'y' => 'two'], $cache->many(['x', 'absent', 'y']));
expect('made', $cache->remember('made', 100, fn() => 'made'));
expect('made', $cache->remember('made', 100, fn() => 'again'));
expect('made', $cache->pull('made'));
expect(false, $cache->has('made'));
expect(true, $cache->forever('for', 'ever'));
expect(true, $cache->forget('for'));

// The lock's release is a script.
$lock = $cache->lock('job', 60);
expect(true, $lock->get());
expect(false, $cache->lock('job', 60)->get());
expect(false, $cache->lock('job', 60, 'another')->release());
expect(true, $cache->restoreLock('job', $lock->owner())->release());
expect('done', $cache->lock('job', 60)->get(fn() => 'done'));
expect('waited', $cache->lock('job', 60)->block(1, fn() => 'waited'));
expect(true, $cache->lock('job', 60)->get());

// Three attempts a minute, by a script with SET NX.
$limiter = new Illuminate\Cache\RateLimiter($cache);
foreach ([1, 2, 3] as $attempt) {
    expect(false, $limiter->tooManyAttempts('user', 3));
    expect($attempt, $limiter->hit('user', 60));
}
expect(true, $limiter->tooManyAttempts('user', 3));
expect(false, $limiter->tooManyAttempts('another', 3));
expect(true, in_array($limiter->availableIn('user'), [58, 59, 60, 61]));
$limiter->clear('user');
expect(false, $limiter->tooManyAttempts('user', 3));

// A session of one visit is there in the next.
$visit = function (?string $id) use ($app) {
    $session = (new Illuminate\Session\SessionManager($app))->driver();
    $session->setId($id);
    $session->start();
    $session->put('visits', $session->get('visits', 0) + 1);
    $session->save();
    return [$session->getId(), $session->get('visits')];
};
[$id, $visits] = $visit(null);
expect(1, $visits);
expect([$id, 2], $visit($id));
expect(1, $visit(null)[1]);

// The cache's end leaves the sessions alone, which are in database 0.
expect(true, $cache->flush());
expect(null, $cache->get('k'));
expect([$id, 3], $visit($id));

// Tags are sets of keys; what carries one is gone with it, and the others stay.
expect(true, $cache->put('other', 'other value', 100));
expect(true, $cache->tags(['people', 'artists'])->put('ada', 'countess', 100));
expect(true, $cache->tags(['people', 'authors'])->forever('alan', 'reader'));
expect('countess', $cache->tags(['people', 'artists'])->get('ada'));
expect(null, $cache->tags(['people'])->get('ada')); // other tags, another key
expect(3, $cache->tags(['authors'])->increment('books', 3));
expect('made', $cache->tags(['authors'])->remember('made', 100, fn() => 'made'));
for ($i = 0; $i < 600; $i++) $cache->tags(['many'])->put("key $i", str_repeat('x', 100), 100);
expect(true, $cache->tags(['artists'])->flush());
expect(null, $cache->tags(['people', 'artists'])->get('ada'));
expect('reader', $cache->tags(['people', 'authors'])->get('alan'));
expect(true, $cache->tags(['people'])->flush());
expect(null, $cache->tags(['people', 'authors'])->get('alan'));
expect('made', $cache->tags(['authors'])->get('made'));
expect(true, $cache->tags(['many'])->flush());
expect([], array_filter($app['redis']->connection('cache')->keys('*'), fn($key) => strpos($key, ':key ')));
expect('other value', $cache->get('other'));

// Redis::throttle counts in a hash, by a script; Redis::funnel in slots.
$redis = $app['redis']->connection();
$outcomes = [];
for ($i = 0; $i < 4; $i++) {
    $outcomes[] = $redis->throttle('sender')->allow(3)->every(600)->block(0)->then(fn() => 'sent', fn() => 'later');
}
expect(['sent', 'sent', 'sent', 'later'], $outcomes);
expect('started', $redis->funnel('importer')->limit(1)->releaseAfter(60)->block(0)->then(
    fn() => $redis->funnel('importer')->limit(1)->block(0)->then(fn() => 'second', fn() => 'full') === 'full' ? 'started' : 'twice'));
