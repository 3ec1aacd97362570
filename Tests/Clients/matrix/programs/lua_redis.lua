-- lua-redis. Arguments: the port, the port that asks for a password, the password.
local redis = require 'redis'
local port, locked_port, password = ...

local function expect(wanted, got)
    if wanted ~= got then error('wanted ' .. tostring(wanted) .. ', got ' .. tostring(got), 2) end
end

local function refused(pattern, action, ...)
    local ok, message = pcall(action, ...)
    if ok or not tostring(message):find(pattern) then error(tostring(message) .. ' is not ' .. pattern, 2) end
end

local client = redis.connect('127.0.0.1', tonumber(port))
local bytes = {}
for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
local binary = table.concat(bytes) .. '\r\n\0'

expect(true, client:set('k', binary))
expect(binary, client:get('k'))
expect(true, client:expire('k', 100))
expect(true, client:ttl('k') >= 99)
expect(nil, client:get('none'))
expect(true, client:mset({ a = 1, b = 2 }))
local values = client:mget({ 'a', 'none', 'b' })
expect('1', values[1])
expect('2', values[3])
expect(1.5, tonumber(client:incrbyfloat('a', 0.5)))

local replies = client:pipeline(function(pipe)
    for _ = 1, 1000 do pipe:incr('n') end
end)
for i = 1, 1000 do expect(i, replies[i]) end

replies = client:transaction(function(t)
    t:set('t', 1)
    t:incr('t')
    t:get('t')
end)
expect(2, replies[2])
expect('2', replies[3])

local found, count, cursor = {}, 0, 0
for i = 1, 500 do client:set('scan:' .. i, i) end
repeat
    local page = client:scan(cursor, { match = 'scan:*', count = 50 })
    cursor = tonumber(page[1])
    for _, key in ipairs(page[2]) do
        if not found[key] then count = count + 1 end
        found[key] = true
    end
until cursor == 0
expect(500, count)

refused('ERR value is not an integer or out of range', client.incr, client, 'k')
refused("ERR unknown command 'PUBLISH'", client.publish, client, 'all', 'x')
expect(true, client:hmset('hash', { a = binary, b = '2' }))
expect(binary, client:hgetall('hash').a)
expect(2, client:rpush('list', 'x', 'y'))
expect('y', client:lrange('list', 0, -1)[2])
expect(2, client:sadd('set', 'x', 'y'))
expect(2, #client:smembers('set'))
expect(2, client:zadd('z', 1.5, 'x', 2, 'y'))
expect('y', client:zrange('z', 1, 1)[1])
expect(true, client:ping())
expect('7', client:info().server.redis_version:sub(1, 1))

local locked = redis.connect('127.0.0.1', tonumber(locked_port))
refused('NOAUTH', locked.get, locked, 'k')
expect(true, locked:auth(password))
expect(true, locked:set('k', 'v'))
client:quit()
