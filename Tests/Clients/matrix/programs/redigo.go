// redigo: a pool, a pipeline, a transaction, a scan. Arguments: the port, the port with a password, the password.
package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/gomodule/redigo/redis"
)

func expect(wanted interface{}, got interface{}, err error) {
	if err != nil || !reflect.DeepEqual(wanted, got) {
		panic(fmt.Sprintf("wanted %v, got %v, error %v", wanted, got, err))
	}
}

func refused(text string, err error) {
	if err == nil || !strings.HasPrefix(err.Error(), text) {
		panic(fmt.Sprintf("wanted %s, got %v", text, err))
	}
}

func dial(port string, options ...redis.DialOption) redis.Conn {
	connection, err := redis.Dial("tcp", "127.0.0.1:"+port, options...)
	if err != nil {
		panic(err)
	}
	return connection
}

func main() {
	port, lockedPort, password := os.Args[1], os.Args[2], os.Args[3]
	c := dial(port, redis.DialClientName("matrix"))
	binary := bytes.Repeat([]byte{0, 255, '\r', '\n'}, 1000)
	reply, err := c.Do("SET", "k", binary, "EX", 100)
	expect("OK", reply, err)
	value, err := redis.Bytes(c.Do("GET", "k"))
	expect(binary, value, err)
	_, err = redis.String(c.Do("GET", "none"))
	if err != redis.ErrNil {
		panic(err)
	}
	reply, err = c.Do("MSET", redis.Args{}.AddFlat(map[string]int{"a": 1, "b": 2})...)
	expect("OK", reply, err)
	numbers, err := redis.Ints(c.Do("MGET", "a", "none", "b"))
	expect([]int{1, 0, 2}, numbers, err)

	for i := 0; i < 1000; i++ {
		c.Send("INCR", "n")
	}
	c.Flush()
	for i := 1; i <= 1000; i++ {
		count, err := redis.Int(c.Receive())
		expect(i, count, err)
	}

	c.Send("MULTI")
	c.Send("SET", "t", 1)
	c.Send("INCR", "t")
	replies, err := redis.Values(c.Do("EXEC"))
	expect([]interface{}{"OK", int64(2)}, replies, err)
	c.Do("WATCH", "t")
	other := dial(port)
	other.Do("INCR", "t")
	c.Send("MULTI")
	c.Send("SET", "t", 9)
	reply, err = c.Do("EXEC")
	expect(nil, reply, err)

	found := map[string]bool{}
	for i := 0; i < 500; i++ {
		c.Send("SET", fmt.Sprintf("scan:%d", i), i)
	}
	c.Do("")
	for cursor := "0"; ; {
		page, err := redis.Values(c.Do("SCAN", cursor, "MATCH", "scan:*", "COUNT", 50))
		if err != nil {
			panic(err)
		}
		var keys []string
		redis.Scan(page, &cursor, &keys)
		for _, key := range keys {
			found[key] = true
		}
		if cursor == "0" {
			break
		}
	}
	expect(500, len(found), nil)

	pool := &redis.Pool{MaxIdle: 8, Dial: func() (redis.Conn, error) { return redis.Dial("tcp", "127.0.0.1:"+port) }}
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 200; j++ {
				connection := pool.Get()
				connection.Do("INCR", "pooled")
				connection.Close()
			}
		}()
	}
	group.Wait()
	pooled, err := redis.Int(c.Do("GET", "pooled"))
	expect(1600, pooled, err)

	_, err = c.Do("INCR", "k")
	refused("ERR value is not an integer or out of range", err)
	_, err = c.Do("PFADD", "many", "x")
	refused("ERR unknown command 'PFADD'", err)
	reply, err = c.Do("HSET", redis.Args{"hash"}.AddFlat(map[string]int{"a": 1, "b": 2})...)
	expect(int64(2), reply, err)
	fields, err := redis.IntMap(c.Do("HGETALL", "hash"))
	expect(map[string]int{"a": 1, "b": 2}, fields, err)
	reply, err = c.Do("RPUSH", "list", "x", "y")
	expect(int64(2), reply, err)
	texts, err := redis.Strings(c.Do("LRANGE", "list", 0, -1))
	expect([]string{"x", "y"}, texts, err)
	reply, err = c.Do("ZADD", "z", 1.5, "x", 2, "y")
	expect(int64(2), reply, err)
	scores, err := redis.Float64s(c.Do("ZMSCORE", "z", "x", "y"))
	expect([]float64{1.5, 2}, scores, err)
	_, err = c.Do("GET", "list")
	refused("WRONGTYPE ", err)
	_, err = dial(lockedPort).Do("GET", "k")
	refused("NOAUTH", err)
	reply, err = dial(lockedPort, redis.DialPassword(password)).Do("SET", "k", "v")
	expect("OK", reply, err)
}
