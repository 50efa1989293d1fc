import ArgumentParser
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

struct SitePreflight: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Try out a study on this site's data and machine before signing anything.",
    discussion: """
      Checks the connection to the coordinator, certificate, clock, disk, memory, the policy and the data, and times one step of training and \
      one validation with the agreed model. Sends none of the results.
      """)

  @OptionGroup var input: StudyDecisionInput

  @OptionGroup var source: SiteDataInput

  @OptionGroup var engine: EngineInput

  func run() async throws {
    let console = Console.current
    let begin = ContinuousClock.now
    var (offer, skew, reached, link) = try await input.withOffer { offer, client in
      let hello = try await client.join(programVersion: consiliumVersion) { Date() }
      let (skew, reached) = (Date().timeIntervalSince(hello.clock), ContinuousClock.now - begin)
      return (offer, skew, reached, try await client.measureLink())
    }
    if let most = try input.agent.sitePolicy().resources.uploadRate {
      link.upload = min(link.upload, Double(most))
    }
    var lines = PreflightLines()
    lines.add("coordinator", true, "reached and verified in \(Self.seconds(reached))")
    lines.add(
      "link", true,
      "\(ByteCount(Int(link.download)))/s down, \(ByteCount(Int(link.upload)))/s up, "
        + String(format: "%.0f ms round trip", 1000 * link.roundTrip))
    let days = Int(offer.identity.certificate.notAfter.timeIntervalSinceNow / 86_400)
    lines.add("certificate", days > 14, "of \(offer.identity.party), \(days) days left")
    lines.add("clock", abs(skew) < 60, String(format: "%+.1f s relative to the coordinator's", skew))
    lines.add("disk", true, "\(Self.freeDisk(at: input.agent.url) >> 30) GiB free")
    lines.add("memory", true, "\(ProcessInfo.processInfo.physicalMemory >> 30) GiB")
    let check = try await source.check(offer.study, site: offer.site, engine: engine)
    let refused = try input.objections(to: offer, after: check).filter { $0.effect == .refuses }
    lines.add(
      "policy", refused.isEmpty,
      refused.isEmpty ? "does not refuse the study" : refused.map(\.message).joined(separator: "; "))
    lines.add("data", check.isPassed, check.text)
    if check.isPassed { try await time(offer, link, &lines) }
    console.print(lines.text)
    guard lines.allGood else {
      throw ConsiliumError(.invalidInput, "this site is not ready for study \(input.id)")
    }
  }

  /// Times one step and one validation with the study's model.
  private func time(
    _ offer: StudyDecisionInput.Offer, _ link: LinkMeasurement, _ lines: inout PreflightLines
  ) async throws {
    let study = offer.study
    let session = OpenSession(
      session: offer.site.rawValue, study: try study.canonicalJSON(),
      sites: [try source.definition(of: offer.site, for: study).canonicalJSON()],
      dataRoot: source.dataRoot.path, seed: study.header.seed, cacheBytes: 1 << 30)
    let (count, step, validation) = try await withScratchFolder { folder in
      try await engine.withEngine { pool in
        let trainer = WorkerTrainer(pool: pool, session: session, exchange: try ExchangeFolder(folder))
        let model = try await trainer.initialise()
        let result = try await trainer.train(
          from: model,
          following: TrainingInstruction(
            round: 1, amount: .steps(1), learningRate: study.learningRate(inRound: 0), seed: study.header.seed
          ))
        let begin = ContinuousClock.now
        _ = try await trainer.evaluate(model, on: .validation)
        return (model.count, result.summary.seconds, ContinuousClock.now - begin)
      }
    }
    let transfer = Self.seconds(.seconds(link.seconds(thereAndBack: 4 * count)))
    lines.add(
      "model", true,
      "\(count) parameters, \(ByteCount(4 * count)) each way per round: \(transfer) over this link")
    lines.add("training", true, "one step in \(Self.seconds(.seconds(step)))")
    lines.add("validation", true, "all validation \(study.unit.plural) in \(Self.seconds(validation))")
  }

  private static func seconds(_ duration: Duration) -> String {
    String(format: "%.2f s", duration / .seconds(1))
  }

  private static func freeDisk(at url: URL) -> Int {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: url.path)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
  }
}

/// Formats the lines of a preflight check.
private struct PreflightLines {
  private(set) var allGood = true
  private var lines: [String] = []

  mutating func add(_ what: String, _ isGood: Bool, _ text: String) {
    allGood = allGood && isGood
    lines.append("\(isGood ? "ok    " : "FAILED") \(what.rightPadded(to: 12)) \(text.onIndentedLines)")
  }

  var text: String { lines.joined(separator: "\n") }
}
