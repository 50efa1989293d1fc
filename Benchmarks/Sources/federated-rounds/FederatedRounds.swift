import Foundation

/// Measures the federation without an engine and prints one JSON object.
///
///     federated-rounds averaging UPDATES PARAMETERS FOLDER
///     federated-rounds round SITES PARAMETERS ROUNDS
@main
struct FederatedRounds {
  static func main() async {
    do {
      let answer = try await measure(Array(CommandLine.arguments.dropFirst()))
      print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    } catch {
      FileHandle.standardError.write(Data("federated-rounds: \(error)\n".utf8))
      exit(2)
    }
  }

  private static func measure(_ arguments: [String]) async throws -> any Encodable {
    guard arguments.count == 4, let first = Int(arguments[1]), let second = Int(arguments[2]) else {
      throw UsageError()
    }
    switch (arguments[0], Int(arguments[3])) {
    case ("averaging", _):
      return try Averaging(updates: first, parameters: second)
        .measure(folder: URL(fileURLWithPath: arguments[3]))
    case ("round", let rounds?):
      return try await Rounds.measure(sites: first, parameters: second, rounds: rounds)
    default: throw UsageError()
    }
  }

  private struct UsageError: Error, CustomStringConvertible {
    let description = "expected 'averaging UPDATES PARAMETERS FOLDER' or 'round SITES PARAMETERS ROUNDS'"
  }
}
