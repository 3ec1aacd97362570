-- One request of nginx: a limit of two visits in a pipeline, then the page itself.
local redis = require 'nginx.redis'
local client = redis:new()
client:set_timeout(20000)
local ok, problem = client:connect('127.0.0.1', tonumber(ngx.var.redis_port))
if not ok then ngx.log(ngx.ERR, problem) return ngx.exit(502) end

local page = client:get('page:' .. ngx.var.uri)
if page == ngx.null then return ngx.exit(404) end
client:init_pipeline()
client:incr('visits:' .. ngx.var.remote_addr)
client:expire('visits:' .. ngx.var.remote_addr, 100, 'NX')
local replies = client:commit_pipeline()
if replies[1] > 2 then return ngx.exit(429) end
client:set_keepalive(20000, 4)
ngx.print(page, ', visit ', replies[1], ' of 2')
