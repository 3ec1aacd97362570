# Rails' ActiveSupport::Cache::RedisCacheStore. Arguments: the port, the port that asks for a password, the password.
require 'logger' # ActiveSupport 6.1 forgets it
require 'active_support'
require 'active_support/cache'
require 'active_support/cache/redis_cache_store'
require 'active_support/core_ext/numeric/time'

def expect(wanted, got)
  raise "wanted #{wanted.inspect}, got #{got.inspect}" unless wanted == got
end

port, locked_port, password = ARGV
# By default the store hides errors and acts as if nothing were cached.
loud = ->(method:, returning:, exception:) { raise exception }
Store = ActiveSupport::Cache::RedisCacheStore
cache = Store.new(url: "redis://127.0.0.1:#{port}/0", namespace: 'site', error_handler: loud, expires_in: 100)

value = { 'name' => 'größe', bytes: "\x00\xFF".b, list: [1, nil, 2.5] }
expect true, !!cache.write('k', value) # 'OK' in 6.1
expect value, cache.read('k')
expect true, cache.exist?('k')
expect true, [99, 100].include?(cache.redis.ttl('site:k'))
expect nil, cache.read('absent')
expect 'x' * 100_000, (cache.write('large', 'x' * 100_000); cache.read('large')) # compressed
expect false, !!cache.write('k', 'other', unless_exist: true)

calls = 0
expect [1, 1], [1, 2].map { cache.fetch('fetched') { calls += 1 } }
expect 2, cache.fetch('fetched', force: true) { calls += 1 }

expect true, !!cache.write_multi({ 'a' => 1, 'b' => [2] }, expires_in: 50)
expect({ 'a' => 1, 'b' => [2] }, cache.read_multi('a', 'absent', 'b'))
expect({ 'a' => 1, 'c' => 'made c' }, cache.fetch_multi('a', 'c') { |key| "made #{key}" })
expect 2, cache.delete_multi(%w[a b])

expect 5, cache.increment('n', 5)
expect 3, cache.decrement('n', 2)
expect true, cache.redis.ttl('site:n') > 90

300.times { |i| cache.write("user:#{i}", i) }
cache.delete_matched('user:*')
expect [], cache.redis.keys('site:user:*')
expect true, !!cache.write('short', 1, expires_in: 0.05)
deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 20
until cache.read('short').nil?
  raise 'a value outlived its time' if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
end
cache.redis.set('not:ours', 1)
cache.clear # SCAN and DEL within the namespace
expect ['not:ours'], cache.redis.keys('*')

pooled = Store.new(url: "redis://:#{password.gsub(' ', '%20')}@127.0.0.1:#{locked_port}/0", pool_size: 4, error_handler: loud)
expect (1..400).to_a, 8.times.map { Thread.new { 50.times.map { pooled.increment('n') } } }.flat_map(&:value).sort
