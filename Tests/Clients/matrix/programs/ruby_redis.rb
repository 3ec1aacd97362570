# ruby-redis, with the socket driver of its own and with the one of hiredis.
# Arguments: the port, the port that asks for a password, the password.
require 'redis'
require 'set'

def expect(wanted, got)
  raise "wanted #{wanted.inspect}, got #{got.inspect}" unless wanted == got
end

def refused(pattern)
  yield
rescue Redis::BaseError => error
  raise "#{error.message} is not #{pattern}" unless error.message.match?(pattern)
else
  raise "no error like #{pattern}"
end

port, locked_port, password = ARGV

%i[ruby hiredis].each do |driver|
  redis = Redis.new(host: '127.0.0.1', port: port.to_i, driver: driver, id: 'matrix')
  redis.flushall
  binary = ((0..255).to_a + [13, 10, 0]).pack('C*')
  expect 'OK', redis.set('k', binary, ex: 100)
  expect binary, redis.get('k').b
  expect true, [99, 100].include?(redis.ttl('k'))
  expect false, redis.set('k', 'x', nx: true)
  expect nil, redis.get('none')
  expect 'OK', redis.mset('a', 1, 'b', 2)
  expect ['1', nil, '2'], redis.mget('a', 'none', 'b')
  expect({ 'a' => '1', 'none' => nil }, redis.mapped_mget('a', 'none'))
  expect 1.5, redis.incrbyfloat('a', 0.5)
  expect 'matrix', redis.client(:getname)

  expect (1..1000).to_a, redis.pipelined { |pipe| 1000.times { pipe.incr('n') } }
  expect ['OK', 2, '2'], redis.multi { |t| t.set('t', 1); t.incr('t'); t.get('t') }
  other = Redis.new(host: '127.0.0.1', port: port.to_i)
  expect nil, redis.watch('t') { other.incr('t'); redis.multi { |t| t.set('t', 9) } }
  expect '3', redis.get('t')

  redis.mapped_mset((0...500).to_h { |i| ["scan:#{i}", i] })
  expect 500, redis.scan_each(match: 'scan:*', count: 50).to_set.size
  expect '7', redis.info['redis_version'][0]

  refused(/ERR value is not an integer or out of range/) { redis.incr('k') }
  refused(/ERR unknown command 'pfadd'/i) { redis.pfadd('many', 'x') }

  expect 'OK', redis.mapped_hmset('hash', 'a' => '1', 'b' => '2')
  expect({ 'a' => '1', 'b' => '2' }, redis.hgetall('hash'))
  expect [%w[a 1], %w[b 2]], redis.hscan_each('hash').to_a.sort
  expect 2, redis.rpush('list', %w[x y])
  expect %w[x y], redis.lrange('list', 0, -1)
  expect 2, redis.sadd('set', %w[x y])
  expect %w[x y], redis.smembers('set').sort
  expect 2, redis.zadd('z', [[1.5, 'x'], [2, 'y']])
  expect [['x', 1.5], ['y', 2.0]], redis.zrange('z', 0, -1, with_scores: true)
  refused(/WRONGTYPE/) { redis.get('list') }
  expect 'PONG', redis.ping
  refused(/NOAUTH/) { Redis.new(host: '127.0.0.1', port: locked_port.to_i, driver: driver).get('k') }
  expect 'OK', Redis.new(host: '127.0.0.1', port: locked_port.to_i, password: password, driver: driver).set('k', 'v')
end
