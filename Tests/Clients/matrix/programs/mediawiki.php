<?php
// MediaWiki's object cache in Redis. Argument: the port.
error_reporting(E_ALL & ~E_DEPRECATED);
require __DIR__ . '/expect.php';
define('MEDIAWIKI', true);
$IP = '/usr/share/mediawiki';
require "$IP/includes/AutoLoader.php";
require "$IP/includes/Defines.php";
require "$IP/vendor/autoload.php";
require "$IP/includes/libs/objectcache/RedisBagOStuff.php";
[, $port] = $argv;
$cache = new RedisBagOStuff(['servers' => ["127.0.0.1:$port"], 'keyspace' => 'wiki']);
$key = $cache->makeKey('page', 'Größe');
expect(true, $cache->set($key, ['a' => 1.5], 100));
expect(['a' => 1.5], $cache->get($key));
expect(false, $cache->get('absent'));
expect(true, $cache->add('new', 1, 100));
expect(false, $cache->add('new', 2, 100));
expect(7, $cache->incrWithInit('n', 100, 1, 7));
expect(8, $cache->incrWithInit('n', 100, 1, 7));
expect(true, $cache->merge('m', fn($cache, $key, $old) => ($old ?: 0) + 1, 100));
expect(true, $cache->merge('m', fn($cache, $key, $old) => ($old ?: 0) + 1, 100));
expect(2, $cache->get('m'));
expect(true, $cache->changeTTL('m', 50));
expect(true, $cache->setMulti(['x' => 'one', 'y' => 'two'], 100));
expect(['x' => 'one', 'y' => 'two'], $cache->getMulti(['x', 'y', 'absent']));
expect(true, $cache->deleteMulti(['x', 'y']));
expect(true, $cache->lock('job', 0, 60));
expect(false, (new RedisBagOStuff(['servers' => ["127.0.0.1:$port"], 'keyspace' => 'wiki']))->lock('job', 0, 60));
expect(true, $cache->unlock('job'));
expect(true, $cache->delete($key));
expect(false, $cache->get($key));

// What stands before it in a wiki: values by version, checked keys, one that recomputes.
$wan = new WANObjectCache(['cache' => $cache]);
$made = 0;
$compute = function () use (&$made) { return 'page ' . ++$made; };
$name = $wan->makeKey('parsed', 1);
expect('page 1', $wan->getWithSetCallback($name, 100, $compute));
expect('page 1', $wan->getWithSetCallback($name, 100, $compute));
expect(true, $wan->delete($name));
expect('page 2', $wan->getWithSetCallback($name, 100, $compute));
