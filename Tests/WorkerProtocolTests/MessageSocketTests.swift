import FederatedCore
import Foundation
import Testing
import WorkerProtocol

/// The two ends of a socket pair. They are closed when this value is destroyed.
private final class Pair {
  let near: MessageSocket
  private(set) var far: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    (near, far) = (MessageSocket(descriptor: ends[0]), ends[1])
  }

  deinit {
    close(near.descriptor)
    hangUp()
  }

  func hangUp() {
    if far >= 0 { close(far) }
    far = -1
  }

  func write(_ bytes: [UInt8]) { _ = Foundation.write(far, bytes, bytes.count) }
}

struct MessageSocketTests {
  @Test func messagesArriveInOrder() throws {
    let pair = Pair()
    let far = MessageSocket(descriptor: pair.far)
    for text in ["one", "zwei — ünïcode", String(repeating: "x", count: 50_000)] {
      try pair.near.send(text)
      #expect(try far.receive(String.self) == text)
    }
  }

  @Test func theFrameIsAsDocumented() throws {
    let pair = Pair()
    pair.write([0, 0, 0, 3] + Array("[7]".utf8))
    #expect(try pair.near.receive([Int].self) == [7])
  }

  @Test func closingBetweenMessagesYieldsNil() throws {
    let pair = Pair()
    pair.hangUp()
    #expect(try pair.near.receive(String.self) == nil)
  }

  @Test(
    arguments: [
      ([0, 0], "broke off"), ([0, 0, 0, 9, 1], "broke off"), ([0, 0, 0, 5], "broke off"),
      ([255, 255, 255, 255], "at most 67108864"), ([0, 0, 0, 2, 65, 65], "not of protocol version"),
      ([0, 0, 0, 1, 49], "not of protocol version"), ([0, 0, 0, 0], "not of protocol version"),
    ] as [([UInt8], String)])
  func brokenMessagesAreErrors(bytes: [UInt8], fault: String) throws {
    let pair = Pair()
    pair.write(bytes)
    pair.hangUp()
    let error = try #require(throws: ConsiliumError.self) { try pair.near.receive(String.self) }
    #expect(error.message.contains(fault), "\(error.message)")
  }

  @Test func mismatchIsNamedByItsKeys() throws {
    let pair = Pair()
    let body = Array(
      #"{"id": 1, "reply": "trained", "value": {"exampleCount": "many", "stepCount": 1}}"#.utf8)
    pair.write([0, 0, 0, UInt8(body.count)] + body)
    let error = try #require(throws: ConsiliumError.self) {
      try pair.near.receive(WorkerMessage<WorkerReply>.self)
    }
    #expect(error.message.hasSuffix("'value.exampleCount' is of the wrong type"), "\(error.message)")
  }

  /// Sending to a closed socket is an error, not the end of the process.
  @Test func sendingWithoutAReaderThrows() {
    let pair = Pair()
    pair.hangUp()
    #expect(throws: ConsiliumError.self) { try pair.near.send("x") }
  }

  @Test func silenceThrows() throws {
    let pair = Pair()
    pair.near.setPatience(.milliseconds(20))
    #expect(throws: MessageSocket.Silence.self) { try pair.near.receive(String.self) }
    pair.write([0, 0, 0, 9])
    #expect(throws: MessageSocket.Silence.self) { try pair.near.receive(String.self) }
    #expect(throws: MessageSocket.Silence.self) {
      for _ in 0..<1000 { try pair.near.send(String(repeating: "x", count: 100_000)) }
    }
  }
}
