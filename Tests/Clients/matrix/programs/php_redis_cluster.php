<?php
// Gets all keys and sets what is missing, once for each line of its input; tells how many were missing, and the errors.

$cluster = new RedisCluster(null, explode(',', $argv[1]), 5, 5);
$cluster->setOption(RedisCluster::OPT_SLAVE_FAILOVER, RedisCluster::FAILOVER_NONE);
do {
    $missed = 0;
    $errors = [];
    for ($i = 0; $i < (int) $argv[2]; $i++) {
        $key = "key:$i";
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
