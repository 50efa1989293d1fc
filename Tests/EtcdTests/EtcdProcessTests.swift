import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import Etcd

struct EtcdProcessTests {
  /// A program that stands in for etcd.
  private func configuration(in folder: URL, program: String) throws -> EtcdConfiguration {
    let file = folder.appending(path: "etcd")
    try Data("#!/bin/sh\n\(program)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
    return EtcdConfiguration(folder: folder.appending(path: "anchor"), program: file, name: "a")
  }

  @Test func endingIsReportedWithTheLog() async throws {
    try await withTemporaryFolder { folder in
      let ending = try await EtcdProcess.run(
        configuration(in: folder, program: "echo starting; echo no space left >&2; exit 7"))
      #expect(ending.hasPrefix("etcd ended with status 7"))
      #expect(ending.hasSuffix("no space left"))
      #expect(try openToOthers(in: folder.appending(path: "anchor")) == [])
    }
  }

  @Test func cancellationEndsTheProcess() async throws {
    try await withTemporaryFolder { folder in
      let (starts, start) = AsyncStream.makeStream(of: pid_t.self)
      let configuration = try configuration(in: folder, program: "exec sleep 600")
      let running = Task { try await EtcdProcess.run(configuration) { start.yield($0) } }
      let id = try #require(await starts.first { _ in true })
      #expect(kill(id, 0) == 0)
      running.cancel()
      _ = await running.result
      #expect(kill(id, 0) != 0)
    }
  }

  @Test func folderOfARunningProcessIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let (starts, start) = AsyncStream.makeStream(of: pid_t.self)
      let configuration = try configuration(in: folder, program: "exec sleep 600")
      let running = Task { try await EtcdProcess.run(configuration) { start.yield($0) } }
      _ = await starts.first { _ in true }
      let error = await #expect(throws: ConsiliumError.self) { try await EtcdProcess.run(configuration) }
      #expect(error?.message.contains("another anchor uses the folder") == true)
      running.cancel()
      _ = await running.result
    }
  }

  @Test func supervisorGivesUpAfterRepeatedFailures() async throws {
    try await withTemporaryFolder { folder in
      let supervisor = EtcdSupervisor(try configuration(in: folder, program: "echo broken; exit 1"))
      let error = await #expect(throws: ConsiliumError.self) { try await supervisor.run() }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("etcd failed 5 times in a row") == true)
      #expect(error?.message.hasSuffix("broken") == true)
    }
  }

  @Test func missingProgramIsNamed() async throws {
    try await withTemporaryFolder { folder in
      var configuration = try configuration(in: folder, program: "exit 0")
      configuration.program = folder.appending(path: "absent")
      let ending = try await EtcdProcess.run(configuration)
      #expect(ending.contains("absent"))
    }
  }

  @Test func severalAnchorsNameEachOther() throws {
    let configuration = EtcdConfiguration(
      folder: URL(fileURLWithPath: "/x"), program: URL(fileURLWithPath: "/e"), name: "b",
      anchors: ["a", "b", "c"])
    let text = configuration.arguments.joined(separator: " ")
    #expect(
      text.contains("--initial-cluster a=unix://anchor-a:0,b=unix://anchor-b:0,c=unix://anchor-c:0"))
    #expect(text.contains("--heartbeat-interval 250 --election-timeout 2500"))
    #expect(text.contains("--enable-grpc-gateway=false"))
  }
}
