import Foundation
import Testing

@testable import CoordinatorService

@Suite struct EventHubTests {
  @Test func watchersReceiveTheEventsOfTheirStudy() async {
    let hub = EventHub()
    let (one, all, studies) = (hub.watch("a", first: Data("0".utf8)), hub.watch(nil), hub.watchStudies())
    hub.send(Data("1".utf8), of: "a")
    hub.send(Data("2".utf8), of: "b")
    hub.finish()
    #expect(await one.reduce(into: []) { $0.append($1) } == [Data("0".utf8), Data("1".utf8)])
    #expect(await all.reduce(into: []) { $0.append($1) } == [Data("1".utf8), Data("2".utf8)])
    #expect(await studies.reduce(into: []) { $0.append($1) } == ["a", "b"])
  }
}
