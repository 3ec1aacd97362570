vcl 4.1;
# Answers from the daemon at REDIS, without any backend: the page, and how often it was asked for.
import redis;
import std;

backend default none;

sub vcl_init {
    new db = redis.db(location="REDIS", type=master, connection_timeout=20000, command_timeout=20000);
}

sub vcl_recv {
    db.command("GET");
    db.push("page:" + req.url);
    db.execute();
    if (db.reply_is_error()) { return (synth(500, db.get_error_reply())); }
    if (db.reply_is_nil()) { return (synth(404)); }
    set req.http.page = db.get_string_reply();
    db.command("INCR");
    db.push("visits:" + req.url);
    db.execute();
    set req.http.visits = db.get_integer_reply();
    return (synth(200));
}

sub vcl_synth {
    if (resp.status == 200) {
        synthetic(req.http.page + ", visit " + req.http.visits);
    }
    return (deliver);
}
