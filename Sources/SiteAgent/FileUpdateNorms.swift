import FederatedCore
import Foundation
import ParameterFiles

/// The lengths of a site's updates in one arm, on the site's disk.
actor FileUpdateNorms: UpdateNorms {
  typealias Warning = LengthHistory.Warning

  private let file: URL
  private let learningRate: @Sendable (Int) -> Double
  private let warn: @Sendable (Warning) async throws -> Void

  /// - Parameters:
  ///   - learningRate: The study's learning rate of a round.
  ///   - warn: Called before an unusual update leaves.
  init(
    file: URL, learningRate: @escaping @Sendable (Int) -> Double,
    warn: @escaping @Sendable (Warning) async throws -> Void
  ) {
    self.file = file
    self.learningRate = learningRate
    self.warn = warn
  }

  func note(_ norm: Double, in context: SiteContext) async throws {
    var known = JSONNote.read(LengthHistory.self, from: file) ?? LengthHistory()
    if let warning = known.enter(norm, at: context.round, rate: learningRate(context.round)) {
      try await warn(warning)
    }
    try JSONNote.write(known, to: file)
  }
}

/// Small files whose loss only costs a comparison with earlier rounds.
enum JSONNote {
  static func read<Value: Decodable>(_ type: Value.Type, from file: URL) -> Value? {
    (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(type, from: $0) }
  }

  static func write(_ value: some Encodable, to file: URL) throws {
    try DurableFolder.create(file.deletingLastPathComponent())
    try AtomicFile.write(try JSONEncoder().encode(value), to: file)
  }
}
