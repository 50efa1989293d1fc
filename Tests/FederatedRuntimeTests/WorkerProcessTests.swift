import Foundation
import TestSupport
import Testing

@testable import FederatedRuntime

/// Starting and ending a program, with a shell in place of an engine.
struct WorkerProcessTests {
  private func start(_ script: String, in workshop: Workshop) async throws -> WorkerProcess {
    try await WorkerProcess(
      executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script], log: log(workshop))
  }

  private func log(_ workshop: Workshop) -> URL { workshop.folder.appending(path: "shell.log") }

  /// The first line of the log, once the script has written it.
  private func firstLine(_ workshop: Workshop) async throws -> String {
    while true {
      let text = (try? String(contentsOf: log(workshop), encoding: .utf8)) ?? ""
      if let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
      await Task.yield()
    }
  }

  @Test(arguments: [
    ("exit 3", "ended with status 3"), ("kill -15 $$", "was ended by signal 15 (Terminated)"),
    ("kill -9 $$", "was killed (signal 9), probably because memory ran out"),
  ])
  func endingIsDescribed(script: String, ending: String) async throws {
    let process = try await start(script, in: try Workshop())
    #expect(await process.end(grace: .seconds(30)) == ending)
    #expect(!isRunning(process.processID))
  }

  @Test func bothOutputsGoToTheLog() async throws {
    let workshop = try Workshop()
    let process = try await start("echo to the log; echo and this >&2", in: workshop)
    _ = await process.end(grace: .seconds(30))
    #expect(try String(contentsOf: log(workshop), encoding: .utf8) == "to the log\nand this\n")
    #expect(process.logTail.hasSuffix("ends:\nto the log\nand this"))
  }

  @Test func closingTheSocketEndsTheProgramsInput() async throws {
    let process = try await start("read line; exit 4", in: try Workshop())
    #expect(await process.end(grace: .seconds(30)) == "ended with status 4")
  }

  @Test func programThatDoesNotExitIsKilledAfterTheGracePeriod() async throws {
    let process = try await start("while :; do sleep 1; done", in: try Workshop())
    #expect(await process.end(grace: .zero).hasPrefix("was killed"))
  }

  @Test func wholeGroupIsKilled() async throws {
    let workshop = try Workshop()
    let process = try await start("sleep 1000 & echo $!; wait", in: workshop)
    let child = try #require(Int32(try await firstLine(workshop)))
    #expect(getpgid(child) == process.processID)
    #expect(getpgid(process.processID) == process.processID)
    process.kill()
    _ = await process.end(grace: .seconds(30))
    // The process that adopts the orphan may need a moment to reap it. Until then the orphan is dead but
    // still listed.
    while isRunning(child), !isZombie(child) { await Task.yield() }
  }

  private func isZombie(_ process: Int32) -> Bool {
    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return status?.contains(") Z ") ?? false
  }

  /// A core dump would hold patients' images. The limit of 1 also keeps the system from passing it to a program,
  /// and a filter of 0 leaves all memory out of a dump that is made nevertheless.
  @Test(
    .timeLimit(.minutes(1)),
    .enabled(if: FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)))
  func workerLeavesNoCoreDump() async throws {
    let workshop = try Workshop()
    let process = try await WorkerProcess(
      executable: WorkerConfiguration.besideThisProgram(), arguments: [], log: log(workshop))
    var limit: Substring?
    while limit != "1" {
      let limits = try String(contentsOfFile: "/proc/\(process.processID)/limits", encoding: .utf8)
      limit =
        limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }?
        .split(separator: " ").dropFirst(4).first
      await Task.yield()
    }
    // The limit is set before the filter.
    let filter = "/proc/\(process.processID)/coredump_filter"
    if FileManager.default.fileExists(atPath: filter) {
      while try String(contentsOfFile: filter, encoding: .utf8) != "00000000\n" { await Task.yield() }
    }
    _ = await process.end(grace: .seconds(30))
    #expect(try mode(of: log(workshop)) == 0o600)
  }

  @Test func programInheritsNoOpenFile() async throws {
    let workshop = try Workshop()
    let secret = workshop.folder.appending(path: "secret")
    // Open the file without close-on-exec, as a careless library might.
    let descriptor = open(secret.path, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    let process = try await start("for file in /proc/$$/fd/*; do readlink $file; done", in: workshop)
    _ = await process.end(grace: .seconds(30))
    let files = try String(contentsOf: log(workshop), encoding: .utf8)
    #expect(files.contains("socket:"))
    #expect(!files.contains("secret"))
  }
}
