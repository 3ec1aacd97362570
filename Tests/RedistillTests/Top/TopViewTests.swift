import Redistill
import Testing

@Suite struct TopViewTests {
    @Test func bytesBecomeKeys() {
        #expect(TopKey.all(in: Array("qP?".utf8)) == [.letter("q"), .letter("P"), .letter("?")])
        #expect(TopKey.all(in: [3, 9, 12, 26]) == [.interrupt, .next, .redraw, .suspend])
        let arrows = "\u{1b}[A\u{1b}[B\u{1b}OC\u{1b}[1;5D\u{1b}[Z\u{1b}[3~q\u{1b}"
        #expect(
            TopKey.all(in: Array(arrows.utf8))
                == [.previous, .next, .next, .previous, .previous, .letter("q"), .escape])
        #expect(TopKey.all(in: [0xc3, 0xa4, 0x7f, 0x0d]) == [])
    }

    @Test func keysChangeTheView() {
        var view = TopView(interval: 1000)
        #expect(view.press(.letter("q")) == .quit && view.press(.interrupt) == .quit)
        #expect(view.press(.letter("p")) == .redraw && view.isPaused)
        #expect(view.press(.letter(" ")) == .refresh && !view.isPaused)
        #expect(view.press(.letter("h")) == .redraw && view.showsHelp)
        #expect(view.press(.escape) == .redraw && !view.showsHelp)
        #expect(view.press(.letter("k")) == .switchHotKeys)
        #expect(view.press(.letter("x")) == nil && view.press(.letter("9")) == nil)
    }

    @Test func sortIsOfTheTableInSight() {
        var view = TopView()
        _ = view.press(.letter("s"))
        #expect(view.commandOrder == .time && view.order == "time")
        _ = view.press(.letter("3"))
        #expect(view.panel == .clients && view.order == "memory")
        _ = view.press(.letter("S"))
        #expect(view.clientOrder == .age && view.commandOrder == .time)
        _ = view.press(.next)
        #expect(view.panel == .hotKeys)
        _ = view.press(.next)
        #expect(view.panel == .overview)
        _ = view.press(.previous)
        #expect(view.panel == .hotKeys)
    }

    @Test func paceHasBounds() {
        var view = TopView(interval: 700)
        _ = view.press(.letter("+"))
        #expect(view.interval == 1000)
        for _ in 0..<20 { _ = view.press(.letter("+")) }
        #expect(view.interval == 60_000)
        for _ in 0..<20 { _ = view.press(.letter("-")) }
        #expect(view.interval == 100)
    }
}
