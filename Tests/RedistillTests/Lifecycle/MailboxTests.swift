import Redistill
import Testing

@Suite struct MailboxTests {
    @Test func eventsAreTakenInOrderAndOnce() {
        let mailbox = Mailbox()
        mailbox.post(.reloadRequested)
        mailbox.post(.drained)
        #expect(mailbox.take() == [.reloadRequested, .drained])
        #expect(mailbox.take().isEmpty)
    }
}
