# Perl's Redis and Redis::Fast, which share an interface.
# Arguments: the module, the port, the port that asks for a password, the password.
use strict;
use warnings;
use Test::More;

my ($module, $port, $locked_port, $password) = @ARGV;
eval "require $module" or die $@;
my %local = (reconnect => 0, encoding => undef);
my $redis = $module->new(server => "127.0.0.1:$port", name => 'matrix', %local);
my $binary = join('', map { chr } 0 .. 255) . "\r\n\0";

is $redis->set(k => $binary, EX => 100), 'OK';
is $redis->get('k'), $binary, 'a binary value';
like $redis->ttl('k'), qr/^(99|100)$/;
is $redis->set(k => 'x', 'NX'), undef;
is $redis->get('none'), undef;
is $redis->client_getname, 'matrix';
is $redis->mset(a => 1, b => 2), 'OK';
is_deeply [$redis->mget('a', 'none', 'b')], ['1', undef, '2'];
is $redis->incrbyfloat(a => 0.5), '1.5';

# A callback makes the call asynchronous: a pipeline.
my @counts;
$redis->incr('n', sub { push @counts, $_[0] }) for 1 .. 1000;
$redis->wait_all_responses;
is_deeply \@counts, [1 .. 1000], 'a pipeline in order';

$redis->multi;
$redis->set(t => 1);
$redis->incr('t');
$redis->get('t');
is_deeply [$redis->exec], ['OK', 2, '2'], 'a transaction';
my $other = $module->new(server => "127.0.0.1:$port", %local);
$redis->watch('t');
$other->incr('t');
$redis->multi;
$redis->set(t => 9);
my @aborted = grep { defined } $redis->exec;
is scalar(@aborted), 0, 'a watched key changed';
is $redis->get('t'), 3;

$redis->set("scan:$_" => $_) for 1 .. 500;
my ($cursor, $keys, %found) = (0);
do {
    ($cursor, $keys) = $redis->scan($cursor, MATCH => 'scan:*', COUNT => 50);
    $found{$_} = 1 for @$keys;
} while $cursor;
is scalar(keys %found), 500, 'SCAN finds every key';

eval { $redis->incr('k') };
like $@, qr/ERR value is not an integer or out of range/;
eval { $redis->pfadd('many', 'x') };
like $@, qr/ERR unknown command 'PFADD'/i;
is $redis->hset(hash => a => 1, b => 2), 2;
is_deeply {$redis->hgetall('hash')}, {a => 1, b => 2};
is $redis->rpush('list', 'x', 'y'), 2;
is_deeply [$redis->lrange('list', 0, -1)], ['x', 'y'];
is $redis->sadd('set', 'x', 'y'), 2;
is_deeply [sort $redis->smembers('set')], ['x', 'y'];
is $redis->zadd('z', 1.5 => 'x', 2 => 'y'), 2;
is_deeply [$redis->zrange('z', 0, -1, 'WITHSCORES')], ['x', 1.5, 'y', 2];
ok $redis->ping;
like $redis->info->{redis_version}, qr/^7\./;

eval { $module->new(server => "127.0.0.1:$locked_port", %local)->get('k') };
like $@, qr/NOAUTH/;
is $module->new(server => "127.0.0.1:$locked_port", password => $password, %local)->set(k => 'v'), 'OK';
$redis->quit;
done_testing;
