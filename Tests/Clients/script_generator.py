"""Random scripts for comparing two servers: every operator, library function, conversion and error.

`ScriptGenerator(seed)` gives (script, keys, arguments) one after the other, the same for the same seed. Scripts end:
loops are counted. What cannot be equal by intent (addresses, time, memory, orders that contradict themselves) is not
made; KNOWN_DIFFERENCES says what else differs, and `is_known` recognises it.
"""

import random
import re

from script_probes import REFUSED, TEMPLATES, large

KNOWN_DIFFERENCES = [
    # Each is (words in either reply, why).
    ("is not available in scripts of this server", "load, loadstring, coroutine, newproxy, setfenv, getfenv, string.dump"),
    ("not enough memory", "a run has a limit of memory of its own"),
    ("pattern too complex", "a pattern's depth is limited; Lua 5.1 overflows C's stack"),
    ("redis.set_repl() requires", "7.0 says two arguments, 7.4 one"),
    ("nesting of [[...]] is deprecated", "Redis's Lua says so, Debian's does not"),
    ("Invalid log level", "7.0 says debug level"),
    ("offset must be 1 or greater", "struct.unpack of 7.0 takes any offset"),
    ("err_handler_def", "Redis's own handler of errors comes to grief at metatables of tables that are thrown"),
    ("the script threw a table without 'err'", "the same"),
    ("invalid order function", "where sort notices a contradiction"),
]

STRINGS = [
    '""', '"a"', '"abc"', '"hello world"', "'10'", "'0x1F'", "' 7 '", "'1e3'", "'-3.5'", "'x\\0y'", '"\\255\\1"',
    "'a.b,c;d'", "'%d'", "'[x]'", "'AbC123'", "'key=value, k2=v2'", "[[long\nstring]]", "'nan'", "'inf'",
    "'  lead'", "('ab'):rep(60)", "'{\"a\":[1,2,{\"b\":null}]}'", "'[1,2.5,\"x\",true]'", "'\\n\\t\\\\'", "'é'",
]
NUMBERS = [
    "0", "1", "2", "3", "-1", "7", "10", "0.5", "-2.25", "1e15", "1e100", "123456789", "0x10", "3.14159", "2^31",
    "2^53", "-2^31", "1/0", "-1/0", "99999999999999", "1e14", "123456.789", "1e-5", "255", "256", "65536",
]
PATTERNS = [
    "'a'", "'.'", "'%w+'", "'(%a+)=(%w+)'", "'[^,;]+'", "'^%s*(.-)%s*$'", "'%d+'", "'()'", "'%b()'", "'l+'", "'o.-o'",
    "'(h)(e)'", "'%f[%w]%w+'", "'[a-c]'", "'[%a_][%w_]*'", "'x*'", "'$'", "'^a'", "'%'", "'['", "'(a'", "'a)'",
    "'%1'", "'(.)%1'", "'[]]'", "'[^]]'", "'%z'", "'.-'", "'a?b?c?'", "'[a-'", "'%bx'", "'%f'",
]
FORMATS = [
    "'%d'", "'%5d|%-5d'", "'%05.1f'", "'%x %X %o'", "'%s'", "'%10s|'", "'%-10s|'", "'%.2s'", "'%q'", "'%g'", "'%e'",
    "'%c'", "'%i'", "'%u'", "'%%'", "'%5.3g'", "'%+d'", "'% d'", "'%#x'", "'%y'", "'%'", "'%123d'", "'%.14g'", "'%G'",
]
NAMES = ["a", "b", "c", "d", "t", "u", "v", "w"]

# What no generated script shows, and differs by intent as well.
UNSEEN_DIFFERENCES = [
    "math.random begins anywhere; settings of cjson end with the run",
    "a line end in an error reply becomes a space, wherever it came from",
    "tables are nested in replies up to 1000, cmsgpack up to 1000, cjson up to 1000 whatever is set",
    "error() of a table without `err` is answered; redis-server 7.0 ends at it",
    "circles of tables and functions are freed when the run ends, so that they count until then",
    "there is os.clock, as in 7.4; 7.0 has no os at all",
    "collectgarbage('step') says that it is done",
    "compiled chunks (\\27Lua) are no scripts",
    "7.0 writes fractions for commands and RESP 3 doubles by %.17g, 7.4 and this one as short as they can be read back",
]


class ScriptGenerator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.depth = 0
        self.locals = []
        self.varargs = [True]

    def next(self):
        self.depth = 0
        self.locals = []
        self.varargs = [True]
        keys = [self.word() for _ in range(self.random.randrange(3))]
        arguments = [self.word() for _ in range(self.random.randrange(4))]
        r = self.random.random()
        if r < 0.03:
            return self.damaged(self.chunk()), keys, arguments
        if r < 0.035:
            return self.pick(self.random.choice(REFUSED), large(self.random)).encode(), keys, arguments
        return self.chunk(), keys, arguments

    def word(self):
        return self.random.choice([b"1", b"2", b"10", b"foo", b"bar", b"x y", b"", b"3.5", b"\x00\xff", b"-7", b"abc"])

    # Parts of scripts

    def pick(self, *choices):
        return self.random.choice(choices)

    def chunk(self):
        if self.random.random() < 0.75:
            return self.protected_chunk()
        lines = [self.statement() for _ in range(self.random.randrange(1, 4))]
        lines.append(self.finish())
        return self.pick("\n", "\n", " ", ";\n").join(lines).encode("utf-8", "surrogateescape")

    def protected_chunk(self):
        """A script whose parts fail by themselves, and whose reply tells of each."""
        lines = ["local R = {}", "local a, b, c, d = %s, %s, %s, %s" % (
            self.number(), self.string(), self.table(), self.pick("nil", "true", "tostring", self.table()))]
        self.locals = ["a", "b", "c", "d"]
        for _ in range(self.random.randrange(1, 6)):
            mark = list(self.locals)
            lines.append("R[#R + 1] = {pcall(function(...) %s return %s end, %s)}" % (
                self.pick("", self.statement(), self.statement()), self.show(self.expression()), self.atom()))
            self.locals = mark
        lines.append("return R")
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    def finish(self):
        r = self.random.random()
        if r < 0.5:
            return "return " + self.show(self.expression())
        if r < 0.7:
            return "return {" + ", ".join(self.show(self.expression()) for _ in range(self.random.randrange(5))) + "}"
        if r < 0.85:
            return "return " + self.expression()
        if r < 0.95:
            return "return {pcall(function() %s return %s end)}" % (self.statement(), self.expression())
        return ""

    def show(self, e):
        """Something whose reply tells more than the number before its point."""
        return self.pick(e, "tostring(%s)" % e, "type(%s)" % e, "tostring((%s))" % e)

    def nested(self, make, plain):
        self.depth += 1
        try:
            return make() if self.depth < 6 else plain()
        finally:
            self.depth -= 1

    def block(self):
        mark = list(self.locals)
        text = " ".join(self.statement() for _ in range(self.random.randrange(1, 4)))
        self.locals = mark
        return text

    def statement(self):
        return self.nested(self.any_statement, self.assignment)

    def any_statement(self):
        r = self.random.random()
        if r < 0.35:
            return self.local()
        if r < 0.55:
            return self.assignment()
        if r < 0.63:
            return "if %s then %s %send" % (
                self.expression(), self.block(), self.pick("", "else %s " % self.block(), "elseif %s then %s " % (
                    self.expression(), self.block())))
        if r < 0.71:
            return self.numeric_for()
        if r < 0.78:
            return self.generic_for()
        if r < 0.82:
            n = self.random.randrange(1, 5)
            return "do local n_ = 0 while n_ < %d do n_ = n_ + 1; %s %send end" % (
                n, self.block(), self.pick("", "", "if n_ == 2 then break end "))
        if r < 0.85:
            return "do local r_ = 0 repeat local q_ = r_ r_ = r_ + 1; %s until q_ >= %d end" % (
                self.block(), self.random.randrange(4))
        if r < 0.92:
            return self.function()
        if r < 0.97:
            return self.call()
        return "do %s end" % self.block()

    def local(self):
        count = self.pick(1, 1, 1, 2, 3)
        names = [self.random.choice(NAMES) for _ in range(count)]
        values = [self.expression() for _ in range(self.pick(count, count, max(1, count - 1), count + 1))]
        text = "local %s = %s" % (", ".join(names), ", ".join(values))
        self.locals += names
        return text

    def target(self):
        name = self.random.choice(self.locals)
        return self.pick(name, name, "%s.%s" % (name, self.random.choice(NAMES)), "%s[%s]" % (name, self.atom()))

    def assignment(self):
        if not self.locals:
            return self.pick("local z_ = 1", self.local())
        targets = [self.target() for _ in range(self.pick(1, 1, 1, 2))]
        return "%s = %s" % (", ".join(targets), ", ".join(self.expression() for _ in targets))

    def numeric_for(self):
        first, last, step = self.pick(
            ("1", "3", None), ("3", "1", "-1"), ("1", "2", "0.5"), ("0", "0", None), ("1", "0", None),
            ("'1'", "2", None), ("1", self.pick("nil", "{}", "'x'"), None), ("1", "3", self.pick("{}", "2")))
        name = self.random.choice(NAMES)
        mark = list(self.locals)
        self.locals.append(name)
        text = "for %s = %s do %s %send" % (
            name, ", ".join(x for x in (first, last, step) if x), self.block(),
            self.pick("", "", "if %s == 2 then break end " % name))
        self.locals = mark
        return text

    def generic_for(self):
        a, b = self.random.sample(NAMES, 2)
        mark = list(self.locals)
        self.locals += [a, b]
        text = "do local g_ = 0 for %s, %s in %s do g_ = g_ + 1 if g_ > 9 then break end %s end end" % (
            a, b, self.pick("pairs(%s)" % self.table(), "ipairs(%s)" % self.table(), "pairs(%s)" % self.expression(),
                            "ipairs(%s)" % self.expression(), "next, %s" % self.table(), self.expression(),
                            "string.gmatch(%s, %s)" % (self.string(), self.random.choice(PATTERNS))), self.block())
        self.locals = mark
        return text

    def function_body(self):
        names = self.random.sample(NAMES, self.random.randrange(4))
        dots = self.random.random() < 0.3
        mark = list(self.locals)
        self.locals += names
        self.varargs.append(dots)
        text = "(%s) %s return %s end" % (
            ", ".join(names + (["..."] if dots else [])), self.block(),
            ", ".join(self.expression() for _ in range(self.random.randrange(3))) or "nil")
        self.varargs.pop()
        self.locals = mark
        return text

    def function(self):
        name = self.random.choice(NAMES)
        if self.locals and self.random.random() < 0.2:
            return "function %s%s%s" % (self.random.choice(self.locals), self.pick("", ".f", ":f"), self.function_body())
        text = "local function %s%s" % (name, self.function_body().replace("%s(" % name, "tostring("))
        self.locals.append(name)
        return text

    # Expressions

    def atom(self):
        r = self.random.random()
        if self.locals and r < 0.4:
            return self.random.choice(self.locals)
        if r < 0.55:
            return self.number()
        if r < 0.7:
            return self.string()
        return self.pick("nil", "true", "false", "KEYS[1]", "ARGV[1]", "ARGV[2]", "#KEYS", "cjson.null",
                         "..." if self.varargs[-1] else "nil", "(...)" if self.varargs[-1] else "1")

    def number(self):
        return self.random.choice(NUMBERS) if self.random.random() < 0.8 else str(self.random.randrange(-1000, 1000))

    def string(self):
        return self.random.choice(STRINGS)

    def table(self):
        items = []
        for _ in range(self.random.randrange(5)):
            items.append(self.pick(
                lambda: self.atom(), lambda: self.atom(),
                lambda: "%s = %s" % (self.random.choice(NAMES), self.atom()),
                lambda: "[%s] = %s" % (self.pick(self.number(), self.string(), "true"), self.atom()))())
        return "{" + self.pick(", ", "; ").join(items) + "}"

    def expression(self):
        return self.nested(self.any_expression, self.atom)

    def any_expression(self):
        r = self.random.random()
        if r < 0.15:
            return self.atom()
        if r < 0.25:
            return self.probe()
        if r < 0.45:
            op = self.pick("+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or")
            text = "%s %s %s" % (self.expression(), op, self.expression())
            return self.pick(text, "(%s)" % text)
        if r < 0.52:
            return self.pick("-", "not ", "#") + self.atom()
        if r < 0.6:
            return self.table()
        if r < 0.64:
            return "(function%s)(%s)" % (self.function_body(), self.atom())
        if r < 0.68:
            return "setmetatable(%s, {%s})" % (self.table(), self.metamethod())
        if r < 0.73:
            name = self.random.choice(self.locals) if self.locals else "KEYS"
            return self.pick("%s.%s" % (name, self.random.choice(NAMES)), "%s[%s]" % (name, self.atom()),
                             "%s:%s()" % (name, self.random.choice(NAMES)), "%s(%s)" % (name, self.atom()))
        return self.call()

    def probe(self):
        return self.fill(self.random.choice(TEMPLATES))

    def fill(self, template):
        """A template with values in it."""
        kinds = {
            "n": self.number, "i": self.small, "s": self.string, "p": lambda: self.random.choice(PATTERNS), "t": self.table,
            "e": self.expression, "a": self.atom, "r": lambda: self.pick("'k'", "'j'", "KEYS[1]"),
            "f": lambda: self.pick("function%s" % self.function_body(), "function(...) return ... end", "function(x) return %s end" % self.atom(), "tostring"),
        }
        made = re.sub(r"\$([nisptearf])", lambda m: kinds[m.group(1)](), template)
        return "(%s)" % made if self.random.random() < 0.3 else made

    def metamethod(self):
        name = self.pick("__index", "__newindex", "__call", "__eq", "__lt", "__le", "__concat", "__len", "__unm", "__add",
                         "__sub", "__mul", "__div", "__mod", "__pow", "__tostring", "__metatable")
        value = self.pick("function(x, y, z) return %s end" % self.pick("x", "y", "1", "'m'", "true", "nil", "z"),
                          self.table(), self.atom())
        if name == "__tostring":
            value = "function() return 'T' end"
        return "%s = %s" % (name, value)

    def arguments(self, *kinds):
        made = []
        for kind in kinds:
            if self.random.random() < 0.06:
                made.append(self.atom())
            else:
                made.append(kind())
        if self.random.random() < 0.04 and made:
            made.pop()
        if self.random.random() < 0.04:
            made.append(self.atom())
        return "(" + ", ".join(made) + ")"

    def call(self):
        return self.pick(self.base_call, self.string_call, self.string_call, self.table_call, self.math_call,
                         self.library_call, self.redis_call)()

    def small(self):
        return self.pick("0", "1", "2", "3", "-1", "-2", "5", "1.7", "'2'", "-100", "100")

    def base_call(self):
        e, t, s = self.expression, self.table, self.string
        return self.pick(
            lambda: "tostring" + self.arguments(self.atom if self.random.random() < 0.8 else self.number),
            lambda: "tonumber" + self.arguments(e),
            lambda: "tonumber" + self.arguments(s, lambda: self.pick("2", "8", "10", "16", "36", "37", "1")),
            lambda: "type" + self.arguments(e), lambda: "rawequal" + self.arguments(e, e),
            lambda: "rawget" + self.arguments(t, self.atom), lambda: "#rawset" + self.arguments(t, self.atom, self.atom),
            lambda: "select" + self.arguments(lambda: self.pick("'#'", self.small()), self.atom, self.atom, self.atom),
            lambda: "unpack" + self.arguments(t), lambda: "(unpack" + self.arguments(t, self.small, self.small) + ")",
            lambda: "next" + self.arguments(t), lambda: "assert" + self.arguments(e, s), lambda: "error" + self.arguments(e),
            lambda: "error" + self.arguments(s, lambda: self.pick("0", "1", "2", "3")),
            lambda: "{pcall(function() return %s end)}" % e(), lambda: "select(2, pcall(error, %s))" % self.atom(),
            lambda: "{xpcall(function() return %s end, function(m) return type(m) == 'string' and m or type(m) end)}" % e(),
            lambda: "type(getmetatable" + self.arguments(e) + ")", lambda: "_VERSION",
            lambda: self.pick("undefined_thing", "print", "_G.x", "_G['y']"))()

    def string_call(self):
        s, p, n = self.string, lambda: self.random.choice(PATTERNS), self.small
        return self.pick(
            lambda: "string.len" + self.arguments(s), lambda: "string.sub" + self.arguments(s, n, n),
            lambda: "string.byte" + self.arguments(s), lambda: "{string.byte" + self.arguments(s, n, n) + "}",
            lambda: "string.char" + self.arguments(lambda: self.pick("65", "0", "255", "256", "-1"), lambda: "97"),
            lambda: "string.rep(%s, %s)" % (s(), n()), lambda: "string.reverse" + self.arguments(s),
            lambda: "string.upper" + self.arguments(s), lambda: "string.lower" + self.arguments(s),
            lambda: "{string.find" + self.arguments(s, p) + "}", lambda: "{string.find" + self.arguments(s, p, n) + "}",
            lambda: "{string.find" + self.arguments(s, p, n, lambda: "true") + "}",
            lambda: "{string.match" + self.arguments(s, p) + "}", lambda: "{string.match" + self.arguments(s, p, n) + "}",
            lambda: "{string.gsub" + self.arguments(s, p, lambda: self.pick(
                "'x'", "'%0'", "'%1'", "'<%0>'", "'%%'", "string.upper", "{a = 'A', l = 'L', b = false}",
                "function(...) return select('#', ...) end", "function(x) return x end", "'%2'", "'%'")) + "}",
            lambda: "{string.gsub" + self.arguments(s, p, lambda: "'-'", n) + "}",
            lambda: "string.format(%s, %s, %s, %s)" % (self.random.choice(FORMATS), self.number(), self.number(), self.number()),
            lambda: "string.format(%s, %s, %s)" % (self.random.choice(FORMATS), self.atom(), self.atom()),
            lambda: "(%s):%s()" % (s(), self.pick("upper", "len", "reverse", "byte", "nothing")),
            lambda: "(%s):sub(%s)" % (s(), n()))()

    def table_call(self):
        t, n = self.table, self.small
        flat = lambda: "{" + ", ".join(self.pick(self.number(), self.number(), self.string()) for _ in range(4)) + "}"
        numbers = lambda: "{" + ", ".join(str(self.random.randrange(20)) for _ in range(self.random.randrange(12))) + "}"
        words = lambda: "{" + ", ".join(self.string() for _ in range(self.random.randrange(6))) + "}"
        return self.pick(
            lambda: "table.concat" + self.arguments(flat, self.string),
            lambda: "table.concat" + self.arguments(flat, self.string, n, n), lambda: "table.concat" + self.arguments(t),
            lambda: "(function(x) table.insert(x, %s) return x end)(%s)" % (self.atom(), t()),
            lambda: "(function(x) table.insert(x, %s, %s) return x end)(%s)" % (n(), self.atom(), t()),
            lambda: "(function(x) return {table.remove(x), x} end)(%s)" % t(),
            lambda: "(function(x) return {table.remove(x, %s), x} end)(%s)" % (n(), t()),
            lambda: "(function(x) table.sort(x) return x end)(%s)" % self.pick(numbers, words, t)(),
            lambda: "(function(x) table.sort(x, function(a, b) return a > b end) return x end)(%s)" % self.pick(numbers, words)(),
            lambda: "table.maxn" + self.arguments(t), lambda: "table.getn" + self.arguments(t), lambda: "#" + t(),
            lambda: "(function(x) local r = {} for k, v in pairs(x) do r[#r + 1] = tostring(k) end return r end)(%s)" % t(),
            lambda: "table.foreach(%s, function(k, v) if v == 1 then return tostring(k) end end)" % t(),
            lambda: "table.foreachi(%s, function(k, v) return v end)" % t(),
            lambda: "table.setn(%s, 3)" % t(), lambda: "table.nothing(1)", lambda: "(function() table.x = 1 end)()")()

    def math_call(self):
        n = self.number
        one = self.pick("abs", "ceil", "floor", "sqrt", "exp", "log", "log10", "deg", "rad", "modf", "frexp")
        return self.pick(
            lambda: "math.%s%s" % (one, self.arguments(n)), lambda: "{math.%s%s}" % (one, self.arguments(n)),
            lambda: "math.%s%s" % (self.pick("fmod", "pow", "atan2", "ldexp"), self.arguments(n, lambda: self.pick("1", "2", "-3", "0.5", "0"))),
            lambda: "math.%s%s" % (self.pick("max", "min"), self.arguments(n, n, n)),
            lambda: "(function() math.randomseed(%s) return math.random%s end)()" % (
                self.random.randrange(1000), self.pick("()", "(10)", "(5, 9)", "(0)", "(3, 1)", "(-5, 5)", "(1, 2, 3)")),
            lambda: "math.%s" % self.pick("pi", "huge"), lambda: "%s %% %s" % (n(), n()), lambda: "%s ^ %s" % (n(), n()))()

    def library_call(self):
        n, t, s = self.number, self.table, self.string
        bit = self.pick("band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror")
        struct = self.pick("b", "B", "h", "H", ">h", "<H", "i", ">I3", "l", "L", "f", "d", ">d", "i2", "c5", "s", "!4 b i", "x", "T", "c0", "q", "i33", ">i8")
        return self.pick(
            lambda: "bit.%s%s" % (bit, self.arguments(n, n)), lambda: "bit.%s%s" % (self.pick("tobit", "bnot", "bswap"), self.arguments(n)),
            lambda: "bit.tohex" + self.arguments(n, lambda: self.pick("8", "4", "-8", "0", "2")),
            lambda: "cjson.encode" + self.arguments(self.pick(t, self.expression, n, s)),
            lambda: "cjson.decode" + self.arguments(s),
            lambda: "cjson.encode(cjson.decode(%s))" % self.pick(
                "'{\"a\":[1,2,{\"b\":null}]}'", "'[1.5,\"\\\\u00e9\\\\n/\",true,[]]'", "'{}'", "'[1e5,-0.25,1e20]'", "' [ ] '",
                "'[1,]'", "'{\"a\"}'", "'\"x'", "'nul'", "'[1 2]'", "'0x10'", "'-'", "'{\"x\":1,\"y\":2,\"z\":3,\"w\":4}'"),
            lambda: "cmsgpack.pack" + self.arguments(self.pick(t, self.atom, n, s)),
            lambda: "cmsgpack.unpack(cmsgpack.pack(%s))" % self.atom(),
            lambda: "{cmsgpack.unpack_one(cmsgpack.pack(%s, %s), %s)}" % (self.atom(), self.atom(), self.pick("0", "1", "2", "99", "-1")),
            lambda: "{cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 'x'), %s, %s)}" % (self.small(), self.pick("0", "1")),
            lambda: "cmsgpack.unpack" + self.arguments(s),
            lambda: "struct.pack('%s', %s, 1)" % (struct, self.pick(n(), s())), lambda: "struct.size('%s')" % struct,
            lambda: "{struct.unpack('%s', %s)}" % (struct, self.pick(s(), "'abcdefghijklmnop'", "'\\1\\2\\3\\4\\5\\6\\7\\8\\255'")),
            lambda: "{struct.unpack('%s', struct.pack('%s', %s))}" % (struct, struct, n()))()

    def redis_call(self):
        call = self.pick("redis.call", "redis.call", "redis.pcall")
        key = self.pick("'k'", "'j'", "KEYS[1]", "ARGV[1]")
        return self.pick(
            lambda: "%s('set', %s, %s)" % (call, key, self.atom()), lambda: "%s('get', %s)" % (call, key),
            lambda: "%s('del', %s)" % (call, key), lambda: "%s('incr', %s)" % (call, key),
            lambda: "%s('echo', %s)" % (call, self.pick("1", "2.0", "-3", "'x'", "1e10", self.string())), lambda: "%s('ping')" % call,
            lambda: "%s('mget', 'k', 'j')" % call, lambda: "%s('exists', 'k')" % call, lambda: "%s()" % call,
            lambda: "%s(%s)" % (call, self.atom()), lambda: "redis.status_reply" + self.arguments(self.string),
            lambda: "redis.error_reply" + self.arguments(lambda: self.pick("'ERR x'", "'-CODE y'", "'z'", self.string())),
            lambda: "redis.sha1hex" + self.arguments(self.string), lambda: "redis.setresp" + self.arguments(lambda: self.pick("2", "3", "4")),
            lambda: "redis.%s" % self.pick("REPL_ALL", "LOG_WARNING", "LOG_DEBUG", "nothing"),
            lambda: "redis.set_repl" + self.arguments(lambda: self.pick("3", "0", "9")), lambda: "redis.replicate_commands()",
            lambda: "{ok = %s}" % self.string(), lambda: "{err = %s}" % self.string(), lambda: "{double = 3}",
            lambda: "{big_number = '12'}", lambda: "{map = {%s = 1}}" % self.pick("a", "b"), lambda: "{set = {a = true}}",
            lambda: "{verbatim_string = {format = 'txt', string = 'v'}}")()

    # Texts that are no scripts

    def damaged(self, script):
        at = self.random.randrange(len(script) + 1)
        r = self.random.random()
        if r < 0.4:
            return script[:at]
        if r < 0.7:
            return script[:at] + self.random.choice([b"(", b")", b"end", b" then ", b"'", b"\"", b"]]", b"[[", b"=", b"\\", b"..", b"1x", b"~", b"@", b"\x01", b"--[["]) + script[at:]
        return script[:at] + script[at + self.random.randrange(1, 5):]


def is_known(ours, theirs):
    """Why two replies may differ, or None."""
    for words, why in KNOWN_DIFFERENCES:
        if words.encode() in ours or words.encode() in theirs:
            return why
    if FRACTION.search(theirs) and rounded(ours) == rounded(theirs):
        return "7.0 writes fractions by %.17g"
    return None


FRACTION = re.compile(rb"-?\d*\.?\d{8,}(e[+-]?\d+)?")


def rounded(reply):
    """With long fractions as short as they can be read back, and without lengths."""
    return re.sub(rb"\$\d+", b"$", FRACTION.sub(lambda m: repr(float(m.group())).encode(), reply))
