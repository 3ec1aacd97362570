import CHotProbe
import CRedistillHot

/// Lends the bytes to a C call.
func withSlice<Result>(_ bytes: [UInt8], _ body: (rd_slice) -> Result) -> Result {
    bytes.withUnsafeBytes { buffer in
        // An empty array has no address, and the C side wants one.
        let empty: StaticString = ""
        let start = buffer.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
        return body(rd_slice(bytes: start.assumingMemoryBound(to: CChar.self), length: buffer.count))
    }
}

func bytes(of slice: rd_slice) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: slice.bytes, count: slice.length))
}

func bytes(_ text: String) -> [UInt8] {
    [UInt8](text.utf8)
}

func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}
