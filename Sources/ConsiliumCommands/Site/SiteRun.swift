import ArgumentParser
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import Logging
import SiteAgent
import StudyProtocol

struct SiteRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Take part in the studies that this site has signed, until stopped.",
    discussion: """
      Opens one connection to the coordinator and keeps it open; nothing at the hospital listens. Trains only what was signed with \
      'consilium study sign' and what the policy allows.
      """)

  @OptionGroup var party: PartyInput

  @OptionGroup var agent: AgentInput

  @OptionGroup var engine: EngineInput

  @Option(help: "The number of worker processes for one study.")
  var workers = 1

  @OptionGroup var logging: LogInput

  func validate() throws {
    if workers < 1 { throw ValidationError("--workers must be at least 1") }
  }

  func run() async throws {
    let logger = logging.logger("site")
    try await logging.reporting(logger) { try await takePart(logger) }
  }

  private func takePart(_ logger: Logger) async throws {
    let policy = try agent.sitePolicy()
    var address = try party.address()
    address.uploadRate = policy.resources.uploadRate
    let agent = try SiteAgent(
      AgentConfiguration(
        folder: agent.url, identityFolder: party.identityFolder, coordinator: address, policy: policy,
        workerExecutable: engine.executable, workers: workers),
      keeper: try party.keeper(for: agent.url), log: { logger.notice("\($0)") })
    try await stoppable(announce: {
      logger.notice("stopping; the study continues when this agent is started again")
    }) {
      try await agent.run()
    }
  }
}
