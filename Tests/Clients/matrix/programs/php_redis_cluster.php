<?php
// Gets all keys and sets what is missing, once for each line of its input; tells how many were missing, and the errors.
// Each time is as a request of a web server: php-redis 5.3.7 ends with SIGSEGV, also with Redis itself, where one object is
// sent to a node that came after it.

do {
    $cluster = new RedisCluster(null, explode(',', $argv[1]), 5, 5);
    $missed = 0;
    $errors = [];
    foreach (array_slice($argv, 2) as $key) {
        try {
            $value = $cluster->get($key);
            if ($value === false) {
                $missed++;
                $cluster->set($key, $key);
            } elseif ($value !== $key) {
                $errors[] = "$key is $value";
            }
        } catch (RedisClusterException $error) {
            $errors[] = $error->getMessage();
        }
    }
    echo "missed $missed ", implode(' ', array_unique($errors)), "\n";
} while (fgets(STDIN) !== false);
