import Redistill
import Testing

@Suite struct SuggestionTests {
    @Test(arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("prot", "port", 1), ("same", "same", 0)])
    func distanceCountsEdits(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
    }

    @Test func farNamesAreNotSuggested() {
        #expect(Suggestion.nearest(to: "prot", among: ["port", "bind"]) == "port")
        #expect(Suggestion.nearest(to: "zebra", among: ["port", "bind"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
