internal import CRedistillHot

/// The owner of a list of users on its way to the hot path; stands for `struct rd_user_list`.
package struct HotUserList: ~Copyable {
    private let pointer: OpaquePointer

    /// Stands for `rd_user_list_new`, and for `rd_user_list_add` and its like for each user.
    package init(_ users: Users) throws(HotError) {
        guard let list = rd_user_list_new() else { throw HotError(.noMemory, HotStatus.noMemory.sentence) }
        do throws(HotError) {
            for user in users.accounts { try Self.add(user, to: list) }
        } catch {
            rd_user_list_free(list)
            throw error
        }
        pointer = list
    }

    deinit { rd_user_list_free(pointer) }

    /// Gives up the list; whoever takes it frees it.
    consuming func release() -> OpaquePointer {
        let released = pointer
        discard self
        return released
    }

    /// Frees a released list that nobody took.
    static func free(_ pointer: OpaquePointer) { rd_user_list_free(pointer) }

    private static func add(_ user: UserAccount, to list: OpaquePointer) throws(HotError) {
        let role: rd_role =
            switch user.role {
            case .read: RD_ROLE_READ
            case .write: RD_ROLE_WRITE
            case .admin: RD_ROLE_ADMIN
            }
        try HotError.check(withSlice(of: user.name) { rd_user_list_add(list, $0, role, user.password != nil) })
        for pattern in user.keys {
            try HotError.check(withSlice(of: pattern) { rd_user_list_add_key(list, $0) })
        }
        for database in user.databases { try HotError.check(rd_user_list_add_database(list, UInt32(database))) }
    }

    private static func withSlice(of text: String, _ body: (rd_slice) -> rd_status) -> rd_status {
        Array(text.utf8).withUnsafeBytes { bytes in
            body(rd_slice(bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length: bytes.count))
        }
    }
}
