"""Calls of everything that scripts can call, for ScriptGenerator: each function with arguments that suit it and that don't.

In a template `$n` is a number, `$i` a small whole one, `$s` a string, `$p` a pattern, `$t` a table, `$e` any expression, `$a`
something simple, `$f` a function, `$r` a word for a reply. COVERAGE says what a run has to have shown.
"""

import re

PROBES = """
assert($e)|assert($e, $s)|assert($a, $a, $a)|assert(false, $a)|assert()
collectgarbage('stop')|collectgarbage($s)|type(collectgarbage('count'))|type(gcinfo())|collectgarbage($a, $a)
error($a)|error($s, $i)|error({err = $s})|error({err = $s, x = 1})|error($s, $a)|error()
getmetatable($a) == nil|getmetatable(setmetatable($t, {__metatable = $a}))|setmetatable($a, $a)|setmetatable({}, $n)|setmetatable(setmetatable({}, {__metatable = 1}), {})
rawequal($a, $a)|rawequal($a)|rawget($t, $a)|rawget($a, $a)|rawset($t, $a, $a)[1]|rawset($a)|rawset({}, nil, 1)|rawset({}, 0/0, 1)
select('#', $e)|select($i, $a, $a, $a)|(select($i, $a))|select($s, 1)|select($a)
tonumber($e)|tonumber($s, $i)|tonumber($a, 16)|tonumber('ff', 16)|tonumber('zz', 36)|tonumber('8', 8)|tonumber(' 11 ', 2)|tonumber('-ff', 16)|tonumber('0x', 16)|tonumber($n, 10)|tonumber()
tonumber('0x1p4')|tonumber('1e')|tonumber('1e5')|tonumber('.5')|tonumber('5.')|tonumber('.')|tonumber('0x.8')|tonumber('1 2')|tonumber('infinity')|tonumber('1_0')|tonumber('0x10', 16)|tonumber('1\\0')
tostring($e)|tostring($n)|tostring()|tostring(setmetatable({}, {__tostring = $f}))|tostring(setmetatable({}, {__tostring = $a}))
type($e)|type()|next($t)|(next($t, $a))|next($a)|next({}, 1)|unpack($t)|(unpack($t, $i, $i))|unpack($a)|unpack({1, 2, 3}, $i)|unpack({}, 1, 1e6)|unpack({}, -5)
pcall($f)|pcall($f, $a, $a)|pcall($a)|pcall(error, $a)|pcall(error, $a, $i)|pcall(pcall, error, $s)|pcall(error)
xpcall($f, $f)|xpcall($f, $a)|xpcall($a, $f)|xpcall(error, tostring)|xpcall(function() error($a) end, function(x) return type(x) end)|xpcall(function() error($s) end, function() error($s) end)|xpcall($f)
string.byte($s)|string.byte($s, $i)|string.byte($s, $i, $i)|string.char($i, 65)|string.char($n)|string.char()|string.char($a)|#string.char(0, 255, 10)
string.find($s, $p)|string.find($s, $p, $i)|string.find($s, $s, $i, $a)|string.find($a, $a)|string.find($s, $p, $a)|string.find('a\\0b', '\\0')|string.find($s, '')|string.find($s, '', $i)
string.match($s, $p)|string.match($s, $p, $i)|string.match($a, $p)|string.gsub($s, $p, $s)|string.gsub($s, $p, $f)|string.gsub($s, $p, $t)|string.gsub($s, $p, $s, $i)|string.gsub($s, $p, $a)|string.gsub($s, $p, $r)
string.gmatch($s, $p)()|string.gmatch($s, $p)|string.gfind($s, $p)()|string.gmatch($a)|string.format($s)|string.format('%s', $e)|string.format('%d', $a)|string.format('%q', $s)|string.format('%s %s', $a)
string.format('%5s/%-5s/%.3s', $s, $s, $s)|string.format('%g/%e/%f/%E/%G', $n, $n, $n, $n, $n)|string.format('%x/%X/%o/%u/%i', $n, $n, $n, $n, $n)|string.format('%c%c', $i, 65)|string.format('%10.4f/%+d/% d/%05d/%#x', $n, $n, $n, $n, $n)|string.format('%200d', 1)|string.format('%.300f', 1)|string.format('%-+ #00d', 1)|string.format('%1$d', 1)|string.format('%99.99f', $n)|string.format('%a', 1)|string.format('%y', 1)|string.format('%', 1)|string.format(('%d'):rep(3), 1, 2, 3)|string.format('%s', ('x'):rep(200))|string.format('%.20s', ('x'):rep(200))
string.len($s)|string.len($a)|string.lower($s)|string.upper($s)|string.rep($s, $i)|string.rep($s, {})|string.reverse($s)|string.sub($s, $i)|string.sub($s, $i, $i)|string.sub($s)|string.sub($s, $n)|string.lower($a)|string.upper($a)|string.reverse($a)
($s):len()|($s):byte($i)|($s):find($p)|($s):rep($i)|($s):nothing()|($s).x|($s)[1]|#$s|($n):len()|string:rep(1)|string:len()|($s):rep(nil)|($s):sub($a)|($s):format($a)|table:concat()
table.concat($t)|table.concat($t, $s)|table.concat($t, $s, $i)|table.concat($t, $s, $i, $i)|table.concat({1, 2, 'x', 3.5}, $s)|table.concat($a)|table.concat({{}})|table.concat({1, 2}, $a, 1, 3)
table.foreach($t, $f)|table.foreachi($t, $f)|table.foreach($t, $a)|table.foreachi($a, $f)|table.getn($t)|table.getn($a)|table.maxn($t)|table.maxn({[3.5] = 1, [-1] = 2, x = 3})|table.maxn($a)|table.setn($t, 1)
table.insert($t, $a)|table.insert($t, $i, $a)|table.insert($a, $a)|table.insert($t)|table.insert($t, 1, 2, 3)|table.insert({}, $i, 1)|table.remove($t)|table.remove($t, $i)|table.remove($a)|table.remove({1, 2, 3}, $i)|table.remove({1}, $a)
(function(t) table.sort(t, function(a, b) return a > b end) return table.concat(t, ' ') end)({3, 1, 2, 5, 4, 9, 8, 7, 6, 0})|(function(t) table.sort(t) return table.concat(t, ' ') end)({$s, $s, $s, $s})|table.sort($t)|table.sort($a)|table.sort({3, 1, 'x'})|table.sort({1, 2, 3}, $a)|table.sort({1, 2}, function(a, b) return a.x < b end)
math.abs($n)|math.acos($n)|math.asin($n)|math.atan($n)|math.ceil($n)|math.cos($i)|math.cosh($i)|math.deg($n)|math.exp($n)|math.floor($n)|math.log($n)|math.log10($n)|math.rad($n)|math.sin($i)|math.sinh($i)|math.sqrt($n)|math.tan($i)|math.tanh($n)
math.atan2($n, $n)|math.fmod($n, $n)|math.mod($n, $n)|math.pow($n, $n)|math.frexp($n)|math.ldexp($n, $i)|math.modf($n)|math.max($n, $n, $n)|math.min($n, $n)|math.max()|math.min($a)|math.max($a, $a)|math.abs($a)|math.floor()|math.fmod($a, $a)
(function() math.randomseed($i) return math.random(100) end)()|(function() math.randomseed(7) return math.random($i, 50) end)()|math.random($i, $i) ~= nil|math.random(1, 2, 3)|math.random(0)|math.random($a) ~= nil|math.randomseed($a)|math.pi|math.huge|-math.huge
bit.tobit($n)|bit.bnot($n)|bit.band($n, $n)|bit.bor($n, $n, $n)|bit.bxor($n, $n)|bit.lshift($n, $i)|bit.rshift($n, $i)|bit.arshift($n, $i)|bit.rol($n, $i)|bit.ror($n, $i)|bit.bswap($n)|bit.tohex($n)|bit.tohex($n, $i)|bit.band($a)|bit.bor()|bit.tobit($a)|bit.tohex($a, $a)
cjson.encode($e)|cjson.encode($t)|cjson.encode($s)|cjson.encode($n)|cjson.encode({$t, $t})|cjson.encode($f)|cjson.encode({[$a] = $a})|cjson.encode({[1] = 1, [5] = 2})|cjson.encode({[1] = 1, [50] = 2})|cjson.encode({[{}] = 1})|cjson.encode()|cjson.encode(1, 2)|cjson.encode({[1.5] = 1})|cjson.encode({a = {b = {c = {}}}})
cjson.decode($s)|cjson.decode(cjson.encode($t))|cjson.decode('[1,2,[3,{"a":null}]]')[3][2].a|cjson.decode('{"a":"\\\\u00e9\\\\ud83d\\\\ude00"}').a|cjson.decode('"\\\\ud83d"')|cjson.decode('"\\\\x"')|cjson.decode('"\\\\u12"')|cjson.decode('[1e5,-0,0.5,1E-2]')[4]|cjson.decode('[01]')|cjson.decode('[0x1]')[1]|cjson.decode('[nan,inf,-inf]')[2]|cjson.decode('[+1]')|cjson.decode('"a')|cjson.decode('{"a" 1}')|cjson.decode('{1:2}')|cjson.decode('[1,]')|cjson.decode('{"a":1,}')|cjson.decode('[] x')|cjson.decode('')|cjson.decode('tru')|cjson.decode('\\t\\n\\r [ 1 , 2 ] ')[2]|cjson.decode($a)|cjson.decode('"a\\0b"')|cjson.decode(('['):rep(1002))
(function() local r = {pcall(cjson.encode_sparse_array, $a, $i, $i)} cjson.encode_sparse_array(false, 2, 10) return r end)()|(function() local r = {pcall(cjson.encode_sparse_array, true, 1, 2)} cjson.encode_sparse_array(false, 2, 10) return r end)()|(function() local r = {pcall(cjson.encode_sparse_array, $a)} cjson.encode_sparse_array(false, 2, 10) return r end)()|(function() local r = {pcall(cjson.encode_sparse_array, 1, 2, 3, 4)} cjson.encode_sparse_array(false, 2, 10) return r end)()|(function() local r = {pcall(cjson.encode_max_depth, $i)} cjson.encode_max_depth(1000) return r end)()|(function() local r = {pcall(cjson.encode_max_depth, $a)} cjson.encode_max_depth(1000) return r end)()|(function() local r = {pcall(cjson.encode_max_depth, 1, 2)} cjson.encode_max_depth(1000) return r end)()|(function() local r = {pcall(cjson.decode_max_depth, $i)} cjson.decode_max_depth(1000) return r end)()|(function() local r = {pcall(cjson.decode_max_depth, $a)} cjson.decode_max_depth(1000) return r end)()|(function() local r = {pcall(cjson.encode_number_precision, $i)} cjson.encode_number_precision(14) return r end)()|(function() local r = {pcall(cjson.encode_number_precision, $a)} cjson.encode_number_precision(14) return r end)()|(function() local r = {pcall(cjson.encode_number_precision, 14)} cjson.encode_number_precision(14) return r end)()|(function() local r = {pcall(cjson.encode_keep_buffer, $a)} cjson.encode_keep_buffer(true) return r end)()|(function() local r = {pcall(cjson.encode_keep_buffer, 'off')} cjson.encode_keep_buffer(true) return r end)()|(function() local r = {pcall(cjson.encode_invalid_numbers, $a)} cjson.encode_invalid_numbers(false) return r end)()|(function() local r = {pcall(cjson.encode_invalid_numbers, 'null')} cjson.encode_invalid_numbers(false) return r end)()|(function() local r = {pcall(cjson.encode_invalid_numbers, 'on')} cjson.encode_invalid_numbers(false) return r end)()|(function() local r = {pcall(cjson.decode_invalid_numbers, $a)} cjson.decode_invalid_numbers(true) return r end)()|(function() local r = {pcall(cjson.decode_invalid_numbers, 'off')} cjson.decode_invalid_numbers(true) return r end)()|cjson._NAME|cjson._VERSION|tostring(cjson.null)|cjson.null == nil
(function() cjson.encode_number_precision(3) local x = cjson.encode(1/3) cjson.encode_number_precision(14) return x end)()|(function() cjson.encode_invalid_numbers(true) local x = cjson.encode({1/0, -1/0}) cjson.encode_invalid_numbers(false) return x end)()|(function() cjson.encode_invalid_numbers('null') local x = cjson.encode({0/0}) cjson.encode_invalid_numbers(false) return x end)()|(function() cjson.encode_sparse_array(true) local x = cjson.encode({[1] = 1, [100] = 2}) cjson.encode_sparse_array(false) return x end)()|(function() cjson.encode_max_depth(2) local a, b = pcall(cjson.encode, {{{1}}}) cjson.encode_max_depth(1000) return b end)()|(function() cjson.decode_max_depth(2) local a, b = pcall(cjson.decode, '[[[1]]]') cjson.decode_max_depth(1000) return b end)()|(function() cjson.decode_invalid_numbers(false) local a, b = pcall(cjson.decode, '[0x10]') cjson.decode_invalid_numbers(true) return b end)()
cmsgpack.pack($a)|cmsgpack.pack($t, $t)|cmsgpack.pack($n)|cmsgpack.pack($s)|cmsgpack.pack()|cmsgpack.pack($f)|cmsgpack.pack(('x'):rep(40))|cmsgpack.pack(('x'):rep(300))|#cmsgpack.pack(('x'):rep(70000))|cmsgpack.pack({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})|cmsgpack.pack(-1, -33, -129, -32769, -2147483649, 127, 128, 256, 65536, 4294967296)|cmsgpack.pack(1.5, 0.1, 1e300, -0.0)|cmsgpack.pack({a = 1})|cmsgpack.pack({[1] = 1, [3] = 3})|cmsgpack._NAME|cmsgpack._VERSION
cmsgpack.unpack($s)|cmsgpack.unpack(cmsgpack.pack($t))|cmsgpack.unpack_one(cmsgpack.pack($a, $a))|cmsgpack.unpack_one(cmsgpack.pack($a, $a), $i)|cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), $i)|cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), $i, $i)|cmsgpack.unpack($a)|cmsgpack.unpack('\\146\\1')|cmsgpack.unpack('\\193')|cmsgpack.unpack('\\220\\0\\2\\1\\2')|cmsgpack.unpack('\\222\\0\\1\\161a\\1').a|cmsgpack.unpack('\\217\\1a')|cmsgpack.unpack('\\202\\63\\128\\0\\0')|cmsgpack.unpack('\\203\\63\\240\\0\\0\\0\\0\\0\\0')|cmsgpack.unpack('\\196\\1a')|cmsgpack.unpack('\\223\\0\\0\\0\\1\\161a\\1').a|cmsgpack.unpack('\\204\\200\\205\\1\\0\\206\\1\\0\\0\\0\\207\\0\\0\\0\\0\\1\\0\\0\\0')|cmsgpack.unpack('\\208\\200\\209\\255\\0\\210\\255\\0\\0\\0\\211\\255\\0\\0\\0\\0\\0\\0\\0')|cmsgpack.unpack('\\212\\1a')|cmsgpack.unpack('')|cmsgpack.unpack('\\129\\192\\1')|cmsgpack.unpack(('\\145'):rep(30) .. '\\1') ~= nil
struct.pack('>I2', $n)|struct.pack('<i4', $n)|struct.pack('b', $n)|struct.pack('B', $n)|struct.pack('h', $n)|struct.pack('H', $n)|struct.pack('l', $n)|struct.pack('L', $n)|struct.pack('f', $n)|struct.pack('d', $n)|struct.pack('>d', $n)|struct.pack('s', $s)|struct.pack('c0', $s)|struct.pack('c2', $s)|struct.pack('!8 b d', $i, $n)|struct.pack('!4b!2h', 1, 2)|struct.pack('x')|struct.pack('T', $i)|struct.pack('i33', 1)|struct.pack('z', 1)|struct.pack('!3', 1)|struct.pack('i', $a)|struct.pack($s, $a)|struct.pack('bbb', 1)|struct.pack()|struct.pack('= >', 1)
struct.unpack('>I2', $s)|struct.unpack('<i4', 'abcdefgh')|struct.unpack('b', $s)|struct.unpack('B', $s, $i)|struct.unpack('h', 'ab')|struct.unpack('l', 'abcdefgh')|struct.unpack('L', ('\\255'):rep(8))|struct.unpack('f', 'abcd')|struct.unpack('d', 'abcdefgh')|struct.unpack('s', 'ab\\0c')|struct.unpack('s', 'ab')|struct.unpack('Bc0', '\\3abcd')|struct.unpack('c0', 'a')|struct.unpack('c2', $s)|struct.unpack('i16', ('x'):rep(16))|struct.unpack('x', 'a')|struct.unpack('b', 'a', 0)|struct.unpack('b', 'a', $n)|struct.unpack('!4bi', 'a\\0\\0\\0abcd')|struct.unpack('z', 'a')|struct.size('b')|struct.size('!8bd')|struct.size('s')|struct.size('c0')|struct.size('c10')|struct.size($s)|struct.size($a)
redis.call('set', $r, $a)|redis.call('get', $r)|redis.call('incr', $r)|redis.call('del', $r)|redis.call('mget', $r, $r)|redis.call('strlen', $r)|redis.call('exists', $r)|redis.call($a)|redis.call($a, $a)|redis.call('nothing', $a)|redis.call('get')|redis.call()|redis.call('echo', $n)|redis.call('echo', $s)|redis.call('ping')|redis.call('ping', $s)|redis.call('get', {})|redis.call('get', nil)
redis.pcall('incr', $r)|redis.pcall('nothing').err|redis.pcall('get')|redis.pcall('get', $a)|redis.pcall()|redis.pcall('set', $r, $a).ok|type(redis.pcall('get', $r))|pcall(redis.call, 'nothing')|pcall(redis.call, $a)|redis.call('set', $r, 'x') == nil|(function() redis.call('set', $r, $s) return redis.call('incr', 'k') end)()|(function() redis.call('set', 'k', $n) return {redis.call('get', 'k'), redis.call('incr', 'k')} end)()|redis.log('x', 'y')|(function() for i = $t, 1 do end end)()|(function() for i = nil, 1 do end end)()|(function() local n = 0 for i = 1, $a, $a do n = n + 1 if n > 3 then break end end return n end)()|(function() local n = 0 for i = $a, $n do n = n + 1 if n > 3 then break end end return n end)()
redis.error_reply($s)|redis.error_reply('-CODE text')|redis.error_reply('CODE')|redis.error_reply($a)|redis.error_reply().err|redis.error_reply('a b').err|redis.status_reply($s)|redis.status_reply($a)|redis.status_reply('x').ok|redis.sha1hex($s)|redis.sha1hex($a)|redis.sha1hex()|redis.sha1hex(1, 2)
redis.log(redis.LOG_DEBUG, $s)|redis.log($i, $a)|redis.log($a)|redis.log()|redis.log(9, 'x')|redis.setresp($a)|redis.setresp(2)|redis.setresp()|redis.setresp(1, 2)|redis.setresp(3)|redis.set_repl($i)|redis.set_repl($a)|redis.replicate_commands()|redis.breakpoint()|redis.acl_check_cmd('get', 'x')|redis.acl_check_cmd('nothing')|redis.acl_check_cmd()|redis.acl_check_cmd($a)
redis.REPL_ALL + redis.REPL_AOF + redis.REPL_SLAVE + redis.REPL_REPLICA + redis.REPL_NONE|redis.LOG_DEBUG + redis.LOG_VERBOSE * 10 + redis.LOG_NOTICE * 100 + redis.LOG_WARNING * 1000|redis.nothing|redis.x == nil|type(redis.REDIS_VERSION)|(redis.setresp(3)) == nil and redis.call('get', $r)
{ok = $s}|{err = $s}|{double = $i}|{map = {[$a] = $a}}|{map = {a = {map = {b = 1}}}}|{set = {a = true, [1] = true}}|{big_number = $s}|{verbatim_string = {format = 'txt', string = $s}}|{verbatim_string = {format = 'toolong', string = 'x'}}|{verbatim_string = 1}|{1, {2, {3, {4}}}, nil, 5}|{1, 2, n = 3}|{ok = 1}|{err = 1}|{double = 'x'}|{map = 1}|{true, false, 1.9, -1.9, '', {}}|{[0] = 1, 2}|{{ok = 'a'}, {err = 'b'}}|cjson.null|$f|1e15|-1e18|2^63|0/0|1/0
_G.$r|_G == _G._G|_G['redis'] == redis|type(_G)|x_y|nothing.x|print($a)|_VERSION|KEYS.x|#ARGV|KEYS[1]|ARGV[#ARGV]|tostring(KEYS) ~= nil|(function() new_global = 1 end)()|(function() redis.x = 1 end)()|(function() string.rep = 1 end)()|(function() KEYS[1] = $a return KEYS[1] end)()|(function() KEYS = {} end)()|(function() _G.x = 1 end)()|rawset(_G, 'x', 1)|setmetatable(_G, {})|getmetatable(_G) ~= nil|rawset(redis, 'x', 1)|table.insert(string, 1)|(function() getmetatable('').__index = 1 end)()|table.sort(redis)
(function(...) return select('#', ...), ... end)($a, $a)|(function(...) local a, b = ... return {a, b, ...} end)($a, $a, $a)|(function(a, ...) return arg end)($a)|(function(...) return arg.n, arg[1] end)($a, $a)|(function(a, b) return b end)($a)|(function() return $a, $a end)()|({(function() return 1, 2 end)(), 3})[2]|((function() return 1, 2 end)())
(function() local t = {} for i = 1, 60 do t[i] = i * i end return #t + t[55] end)()|({1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,unpack({$a,$a})})[54]|(function(n) local function f(n) if n == 0 then return $a end return f(n - 1) end return f(n) end)(300)|(function() local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(150) end)()|(function() local a = {} for i = 1, 3 do a[i] = function() i = i + 1 return i end end return a[1]() + a[1]() + a[2]() end)()|(function() local x = $a local f = function() x = $a end f() return x end)()|(function() local i, t = 1, {} i, t[i] = i + 1, 20 return t[1] end)()|(function() local a, b, c = $a, ($a) a, b, c = b, c, a return {a, b, c} end)()|(function() local s = '' for k, v in pairs({a = 1, b = 2, 3, 4, c = 5}) do s = s .. tostring(k) .. v end return s end)()|(function() local s = '' for w, x in ('k=v, l=w'):gmatch('(%w+)=(%w+)') do s = s .. x .. w end return s end)()|(function() while true do if $a then break end do return 7 end end return 8 end)()|(function() repeat local x = $a until x or true return x end)()|(function() for i = 3, 1, -1 do if i == 2 then return i end end end)()|(function() for i = 1, 2, 0 do return 'never' end end)()|(function() local t = setmetatable({}, {__index = function(t, k) return k end, __newindex = function(t, k, v) rawset(t, k, v + 1) end}) t.x = 1 return {t.x, t.y} end)()
-$a|not $a|#$a|- - $n|not not $a|-$s|$a + $a|$a - $n|$n * $a|$n / $n|$n % $n|$n ^ $n|$s .. $n|$n .. $n|$a .. $a|$a == $a|$a ~= $a|$n < $n|$s < $s|$a < $a|$n <= $n|$s >= $s|$a > $a|$a and $a|$a or $a|$a and $a or $a|not ($a == $a)|$n < $n == true|2 ^ 3 ^ 2|-2 ^ 2|1 .. 2 == '12'|'10' + 5|'0x10' * 2|'a' + 1|1 + nil|({} + 1)|1 .. {}|nil .. 'x'|{} < {}|1 < '2'|{} <= 1|#nil|#5|(nil)()|(1)()|('x')()|({})()|(nil).x|(1).x.y|({}).x.y
setmetatable({}, {__add = $f}) + $a|$a - setmetatable({}, {__sub = $f})|setmetatable({}, {__mul = $f}) * 2|setmetatable({}, {__div = $f}) / 2|setmetatable({}, {__mod = $f}) % 2|setmetatable({}, {__pow = $f}) ^ 2|-setmetatable({}, {__unm = $f})|#setmetatable({}, {__len = $f})|setmetatable({}, {__concat = $f}) .. $a|$s .. setmetatable({}, {__concat = $f})|setmetatable({}, {__call = $f})($a)|setmetatable({}, {__index = $f})[$a]|setmetatable({}, {__index = $t})[$a]|(function() local m = {__lt = $f, __le = $f, __eq = $f} local a, b = setmetatable({}, m), setmetatable({}, m) return {a < b, a <= b, a == b, a > b, a ~= b} end)()|setmetatable({}, {__lt = $f}) < setmetatable({}, {__lt = $f})|(function() local m = {__lt = $f} local a, b = setmetatable({}, m), setmetatable({}, m) return {a <= b, a >= b} end)()|(function() local t = setmetatable({}, {__newindex = $t}) t.x = 1 return rawget(t, 'x') end)()
"""

TEMPLATES = [template for line in PROBES.strip().split("\n") for template in re.split(r"(?<!\|)\|(?!\|)", line)]

# Whole scripts that end while they are compiled, or that are too large.
REFUSED = [
    "return 1 +", "if x then", "for i = 1 do end", "for i do end", "for 1 = 1, 2 do end", "x = 'abc", "x = \"a\nb\"", "x = [[abc", "--[[abc", "x = 1x",
    "x = 1..2", "break", "local function end", "return ... , function() return ... end", "f(", "f{", "a.b:c = 1", "a = ", "a, b", "a.1 = 2", "(a) = 1",
    "local a.b = 1", "function f(a, ) end", "function f(..., a) end", "function f.g:h.i() end", "return return", "return 1 local a", "end", "until x",
    "repeat x", "while true", "do", "'x' = 1", "f() = 1", "a = {1, 2", "a = {[1 = 2}", "a = {x = }", "a = function", "x = '\\300'", "x = '\\z'", "x = @", "x = 1 $ 2",
    "x = ~1", "x = a ~ b", "goto x", "::x::", "a = 1 // 2", "a = 0xg", "a = 3e", "a = 1e+", "local x = 5 <= ", "x = not", "x = #", "f\n(1)", "local t = {} t\n(1)", "x = [=[a]]", "x = [=a",
    "a = 'x' 'y'", "a:b", "a.b.c", "local", "local a = ", "local function f", "function", "return function(a b) end", "return {", "return {a b}", "x = }", "x = ]", "x = (1", "if x then else elseif y then end",
    "for a, in pairs(x) do end", "for a in do end", "for a = 1, 2, do end", "\\", "?", "\x01", "local a <const> = 1", "x = 'a\\\nb' return #x", "x = \"\\x41\"", "and", "local and = 1", "return nil nil",
]


def large(random):
    """Scripts that come to a limit of the compiler, or near it."""
    n = random.choice([10, 60, 61, 120, 199, 200, 201, 240, 260, 600])
    return random.choice([
        lambda: " ".join("local v%d = %d" % (i, i) for i in range(n)) + " return v1",
        lambda: "local " + ", ".join("v%d" % i for i in range(n)) + " = 1 return v0",
        lambda: "return " + "(" * n + "1" + ")" * n, lambda: "return " + "{" * n + "}" * n, lambda: "return " + "-" * 1 + "- " * n + "1",
        lambda: "return " + "not " * n + "1", lambda: "do " * n + "end " * n + "return 1", lambda: "return " + " .. ".join("'x'" for _ in range(n)),
        lambda: "return " + " + ".join("1" for _ in range(n)), lambda: "return " + "2 ^ " * n + "1", lambda: "return #{" + ", ".join("'s%d'" % i for i in range(n)) + "}",
        lambda: "local t = {" + ", ".join("k%d = %d" % (i, i) for i in range(n)) + "} return t.k1", lambda: "return select('#', " + ", ".join("1" for _ in range(n)) + ")",
        lambda: "local f = function(" + ", ".join("p%d" % i for i in range(n)) + ") return p1 end return f(1, 2)",
        lambda: " ".join("local u%d = %d" % (i, i) for i in range(min(n, 190))) + " return (function() return " + " + ".join("u%d" % i for i in range(min(n, 190))) + " end)()",
        lambda: "return function() " * n + "return 1 " + "end " * n, lambda: "local a = 1 " + "a = a + 1 " * n + "return a", lambda: "if ARGV[1] == 'x' then return 1 " + "elseif ARGV[1] == 'y' then return 2 " * n + "end return 3",
        lambda: "return " + "f." * n + "x", lambda: "local t = {} " + ", ".join("t[%d]" % i for i in range(n)) + " = 1 return #t", lambda: "return " + "#" * n + "'x'",
        lambda: "local s = 0 " + " ".join("s = s + %d.5" % i for i in range(n)) + " return s", lambda: "return '" + "\\65" * n + "'", lambda: "return [" + "=" * n + "[x]" + "=" * n + "]", lambda: "--[" + "=" * n + "[x]" + "=" * n + "]return 1",
    ])()


FUNCTIONS = [name for library, names in {
    "": "assert collectgarbage error gcinfo getmetatable ipairs next pairs pcall rawequal rawget rawset select setmetatable tonumber tostring type unpack xpcall",
    "string.": "byte char find format gfind gmatch gsub len lower match rep reverse sub upper",
    "table.": "concat foreach foreachi getn insert maxn remove setn sort",
    "math.": "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ldexp log log10 max min mod modf pow rad random randomseed sin sinh sqrt tan tanh",
    "bit.": "tobit bnot band bor bxor lshift rshift arshift rol ror bswap tohex",
    "cjson.": "encode decode encode_sparse_array encode_max_depth decode_max_depth encode_number_precision encode_keep_buffer encode_invalid_numbers decode_invalid_numbers",
    "cmsgpack.": "pack unpack unpack_one unpack_limit", "struct.": "pack unpack size",
    "redis.": "call pcall error_reply status_reply sha1hex log setresp set_repl replicate_commands breakpoint acl_check_cmd",
}.items() for name in (library + n for n in names.split())]

OPERATORS = ["+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", " and ", " or ", "not ", "#", "..."]
WORDS = "and break do else elseif end false for function if in local nil not or repeat return then true until while".split()
METAMETHODS = "__index __newindex __call __eq __lt __le __concat __len __unm __add __sub __mul __div __mod __pow __tostring __metatable".split()
CONVERSIONS = ["%d", "%i", "%u", "%c", "%x", "%X", "%o", "%e", "%E", "%f", "%g", "%G", "%q", "%s", "%%"]

# Words of replies: what scripts return, and each error that they can come to.
REPLIES = [
    b":1", b"$-1", b"*0", b"+", b"#t", b"#f", b"_", b",", b"(", b"=", b"%", b"~",
    b"attempt to call", b"attempt to index", b"attempt to perform arithmetic on", b"attempt to concatenate", b"attempt to compare two", b"attempt to compare number with",
    b"attempt to get length of", b"local '", b"global '", b"field '", b"upvalue '", b"method '", b"'for' initial value must be a number", b"'for' limit must be a number",
    b"'for' step must be a number", b"table index is nil", b"table index is NaN", b"bad argument #1 to '", b"bad argument #2 to '", b"bad argument #3 to '", b"calling '", b"got no value",
    b"number expected, got", b"string expected, got", b"table expected, got", b"function expected, got", b"value expected", b"index out of range", b"base out of range", b"invalid option",
    b"nil or table expected", b"cannot change a protected metatable", b"assertion failed!", b"too many results to unpack", b"error in error handling", b"invalid value",
    b"malformed pattern (ends with '%')", b"malformed pattern (missing ']')", b"missing '[' after '%f' in pattern", b"unbalanced pattern", b"invalid pattern capture", b"invalid capture index", b"unfinished capture", b"invalid replacement value", b"string/function/table expected",
    b"invalid format (repeated flags)", b"invalid format (width or precision too long)", b"' to 'format'", b"no value", b"wrong number of arguments to 'insert'", b"'setn' is obsolete",
    b"in table for 'concat'", b"interval is empty", b"wrong number of arguments", b"Cannot serialise", b"excessively sparse array", b"must not be NaN or Inf", b"table key must be a number or string", b"type not supported",
    b"excessive nesting", b"Found too many nested data structures", b"Expected value but found", b"Expected object key string", b"Expected colon", b"Expected comma or array end", b"Expected comma or object end", b"Expected the end", b"unexpected end of string", b"invalid unicode escape code", b"invalid escape code", b"invalid token", b"invalid number",
    b"Missing bytes in input", b"Bad data format in input", b"Start offset", b"Invalid request to unpack", b"MessagePack pack needs input", b"integral size", b"data string too short", b"format 'c0' needs a previous size", b"has no fixed size", b"is not a power of 2", b"invalid format option", b"unfinished string in data", b"string too short",
    b"Unknown Redis command", b"Wrong number of args", b"Please specify at least one argument", b"arguments must be strings or integers", b"value is not an integer", b"wrong number or type of arguments", b"Invalid debug level", b"First argument must be a number (log level)", b"requires two arguments or more", b"RESP version must be 2 or 3", b"requires one argument", b"Invalid replication flags", b"Invalid command passed to redis.acl_check_cmd()",
    b"attempted to access nonexistent global variable", b"Attempt to modify a readonly table", b"unexpected symbol near", b"unfinished string", b"unfinished long string", b"unfinished long comment", b"malformed number near", b"no loop to break", b"cannot use '...' outside", b"'end' expected", b"to close '", b"<name> expected", b"'=' expected", b"'=' or 'in' expected", b"'then' expected", b"'do' expected", b"'until' expected", b"ambiguous syntax", b"function arguments expected", b"syntax error near", b"escape sequence too large", b"invalid long string delimiter", b"chunk has too many syntax levels", b"more than 200 local variables", b"more than 60 upvalues", b"too complex", b"'<eof>' expected", b"<name> or '...' expected",
]


class Coverage:
    """What a run has shown so far."""

    def __init__(self):
        wanted = [re.escape(f.encode()) + rb"\b" for f in FUNCTIONS] + [re.escape(o.encode()) for o in OPERATORS]
        wanted += [rb"\b%s\b" % w.encode() for w in WORDS] + [m.encode() for m in METAMETHODS] + [re.escape(c.encode()) for c in CONVERSIONS]
        self.scripts = {w: re.compile(w) for w in wanted}
        self.replies = set(REPLIES)
        self.total = len(self.scripts) + len(self.replies)

    def see(self, script, reply):
        for name in [n for n, w in self.scripts.items() if w.search(script)]:
            del self.scripts[name]
        self.replies -= {words for words in self.replies if words in reply}

    @property
    def missing(self):
        return sorted(self.scripts) + sorted(self.replies)
