import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct InProcessTransportTests {
  @Test func obeysTheLaws() async throws {
    try await SiteTransportLaws {
      let desk = CoordinatorDesk<ModelParameters>()
      return .init(
        transport: InProcessTransport(desk), assign: { await desk.assign($0, to: $1) },
        withdraw: { await desk.withdraw(from: $0) },
        nextAnswer: {
          for await case .answer(let received) in desk.mail {
            return (received.site, received.id, received.answer)
          }
          return nil
        }, close: { await desk.close() })
    }.check()
  }

  @Test func aCancelledWaitEnds() async throws {
    let desk = CoordinatorDesk<ModelParameters>()
    let wait = Task { await desk.nextAssignment(for: SiteID("a")) }
    wait.cancel()
    #expect(await wait.value?.id == nil)
  }
}
