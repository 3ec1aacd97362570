import Redistill
import Testing

@Suite struct InheritanceTests {
    @Test func textTellsTheNextProcessTheSame() {
        var inheritance = Inheritance()
        inheritance.store = 12
        inheritance.listeners = ["tcp 6379 127.0.0.1": 13, "unix 0 /run/a b.sock": 14]
        #expect(Inheritance.parse(inheritance.text) == inheritance)
        #expect(Inheritance.parse(Inheritance().text) == Inheritance())
    }

    @Test func nonsenseInTheVariableIsNoDescriptor() {
        #expect(Inheritance.parse("store 1\nstore\nlistener 5\nlistener x tcp 1 a\nother 7 b") == Inheritance())
    }

    @Test func whatIsNotOpenIsForgotten() {
        var inheritance = Inheritance.parse("store 1000001\nlistener 1000002 tcp 6379 127.0.0.1")
        inheritance.forgetClosed()
        #expect(inheritance.store == nil && inheritance.listeners.isEmpty && inheritance.isLost)
    }

    @Test func storeOfTheManagerIsForThisProcessAlone() {
        let ours = ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "other:redistill-store"]
        let found = Inheritance.find(in: ours, processID: 42)
        #expect(found.store == 4 && found.isOfManager)
        #expect(Inheritance.find(in: ours, processID: 43) == Inheritance())
        #expect(Inheritance.find(in: [:], processID: 42) == Inheritance())
    }
}
