internal import CRedistillHot
internal import Glibc

/// The table of callbacks that the hot path calls. The only file with `Unmanaged`.
///
/// The responder lives in one box. The box is retained once, in ``make(for:)``, and released once by the C side
/// through the `release` slot. Every thunk is captureless: it recovers the box and calls a method.
enum HotCallbacks {
    /// The table for a responder. The caller hands it to `rd_server_create`, which takes over the context.
    static func make(for responder: any HotResponder) -> rd_callbacks {
        rd_callbacks(
            context: Unmanaged.passRetained(Box(responder)).toOpaque(),
            authenticate: { context, _, user, password in
                let user = UnsafeRawBufferPointer(start: user.bytes, count: user.length)
                let password = UnsafeRawBufferPointer(start: password.bytes, count: password.length)
                return recover(context).authenticate(user: user.bytes, password: password.bytes)
            },
            info: { context, sections, count, reply in
                let text = recover(context).info(sections: texts(sections, count))
                text.withBytes { rd_reply_verbatim(reply, $0, $1) }
            },
            config_get: { context, patterns, count, reply in
                write(recover(context).configGet(patterns: texts(patterns, count)), to: reply)
            },
            config_set: { context, peer, pairs, count, reply in
                let peer = text(peer?.pointee.address)
                write(recover(context).configSet(bytes(pairs, count), askedBy: peer), to: reply)
            },
            config_rewrite: { context, peer, reply in
                write(recover(context).configRewrite(askedBy: text(peer?.pointee.address)), to: reply)
            },
            shutdown: { context, peer, now, save in
                recover(context).shutdown(askedBy: text(peer?.pointee.address), now: now, save: SaveWish(save))
            },
            script: { context, request, reply in
                guard let request = request.flatMap({ HotScriptRequest($0.pointee) }) else { return }
                if let result = recover(context).script(request) { write(result, to: reply) }
            },
            http: { context, request, answer in
                guard let request = request?.pointee else { return }
                let result = recover(context).http(
                    HTTPRequest(
                        method: text(request.method), path: text(request.path),
                        authorization: request.authorization.map { ByteText(cString($0)) },
                        accept: text(request.accept), host: text(request.host)))
                for header in result.headers { rd_http_answer_header(answer, header.name, header.value) }
                result.body.withBytes { rd_http_answer_set(answer, Int32(result.status), result.contentType, $0, $1) }
            },
            event: { context, event in
                guard let event = event?.pointee else { return }
                recover(context).event(
                    HotEvent(
                        HotEvent.Kind(event.kind), peer: text(event.peer), detail: text(event.detail),
                        user: text(event.user), count: event.count))
            },
            release: { context in
                guard let context else { return }
                Unmanaged<Box>.fromOpaque(context).release()
            })
    }
}

private final class Box {
    let responder: any HotResponder

    init(_ responder: any HotResponder) {
        self.responder = responder
    }
}

private func recover(_ context: UnsafeMutableRawPointer?) -> any HotResponder {
    guard let context else { preconditionFailure("the hot path lost its context") }
    return Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().responder
}

private func write(_ result: HotReply, to reply: OpaquePointer?) {
    switch result {
    case .ok: rd_reply_ok(reply)
    case .failure(let text):
        text.bytes.withUnsafeBytes { buffer in
            rd_reply_error(reply, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
    case .bulk(let text):
        text.bytes.withUnsafeBytes { buffer in
            rd_reply_bulk(reply, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
    case .integers(let numbers):
        rd_reply_array(reply, numbers.count)
        for number in numbers { rd_reply_integer(reply, number) }
    case .map(let pairs):
        rd_reply_map(reply, pairs.count)
        for pair in pairs {
            pair.name.withBytes { rd_reply_bulk(reply, $0, $1) }
            pair.value.withBytes { rd_reply_bulk(reply, $0, $1) }
        }
    }
}

private func bytes(_ slices: UnsafePointer<rd_slice>?, _ count: Int) -> [ByteText] {
    UnsafeBufferPointer(start: slices, count: slices == nil ? 0 : count).map { slice in
        ByteText(UnsafeRawBufferPointer(start: slice.bytes, count: slice.length))
    }
}

/// For what is only compared with names: none of them has a character that stands for other bytes.
private func texts(_ slices: UnsafePointer<rd_slice>?, _ count: Int) -> [String] {
    bytes(slices, count).map(\.shown)
}

private func cString(_ pointer: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
}

extension SaveWish {
    fileprivate init(_ save: rd_stop_save) {
        switch save {
        case RD_STOP_SAVES: self = .save
        case RD_STOP_SAVES_NOT: self = .noSave
        default: self = .asConfigured
        }
    }
}

extension HotEvent.Kind {
    fileprivate init(_ kind: rd_event_kind) {
        switch kind {
        case RD_EVENT_CONNECTION_REJECTED: self = .connectionRejected
        case RD_EVENT_AUTH_FAILED: self = .authenticationFailed
        case RD_EVENT_SECURITY_ATTACK: self = .attack
        case RD_EVENT_ACCEPT_PAUSED: self = .acceptPaused
        case RD_EVENT_ACCEPT_RESUMED: self = .acceptResumed
        case RD_EVENT_OUTPUT_LIMIT: self = .outputLimit
        case RD_EVENT_TLS_FAILED: self = .tlsFailed
        case RD_EVENT_WORKER_FAILED: self = .workerFailed
        case RD_EVENT_PIN_FAILED: self = .pinFailed
        case RD_EVENT_TLS_ON_PLAIN: self = .tlsOnPlain
        case RD_EVENT_PLAIN_ON_TLS: self = .plainOnTLS
        case RD_EVENT_CLIENTS_EVICTED: self = .clientsEvicted
        case RD_EVENT_STRANGERS_CLOSED: self = .strangersClosed
        case RD_EVENT_PROXY_HEADER: self = .proxyHeader
        case RD_EVENT_NO_PROXY_HEADER: self = .noProxyHeader
        case RD_EVENT_TLS_NOT_BEGUN: self = .tlsNotBegun
        case RD_EVENT_CONNECTION_OPENED: self = .connectionOpened
        case RD_EVENT_CONNECTION_CLOSED: self = .connectionClosed
        case RD_EVENT_FLUSHED: self = .flushed
        case RD_EVENT_ADMIN_COMMAND: self = .adminCommand
        case RD_EVENT_ACCESS_DENIED: self = .accessDenied
        case RD_EVENT_CERTIFICATE_UNKNOWN: self = .certificateUnknown
        case RD_EVENT_LOGGED_IN: self = .loggedIn
        case RD_EVENT_ADMIN_CALL: self = .adminCall
        case RD_EVENT_SNAPSHOT_SAVED: self = .snapshotSaved
        case RD_EVENT_SNAPSHOT_FAILED: self = .snapshotFailed
        case RD_EVENT_SNAPSHOT_LOADED: self = .snapshotLoaded
        case RD_EVENT_SNAPSHOT_LEFT_OUT: self = .snapshotLeftOut
        case RD_EVENT_SNAPSHOT_DAMAGED: self = .snapshotDamaged
        default: self = .unknown(kind.rawValue)
        }
    }
}

extension String {
    /// Lends the text to C as pointer and length; it may hold zero bytes.
    fileprivate func withBytes(_ body: (UnsafePointer<CChar>?, Int) -> Void) {
        var copy = self
        copy.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
        }
    }
}
