import FederatedCore
import TestSupport

/// One way in which a coordinator with one signed study can lie to a site, and how the site must meet it.
///
/// To add a lie: write a static property in an extension of this type (one file for each kind of lies), build
/// its questions with ``HonestStudy``, and name it in ``all``. `LyingCoordinatorTests` asks a real site every
/// lie of the list: real session, journal on disk, admission and default policy. The site is started again
/// after each refusal, as an agent does.
public struct Lie: Sendable, CustomStringConvertible {
  public let name: String
  /// The arm in which the questions are asked.
  public let arm: String
  /// The workflow of the study.
  public var workflow = "fedavg"
  /// The site that is asked.
  public var site = SiteID("north")
  /// Creates all questions, honest ones included.
  public let questions: @Sendable (HonestStudy) throws -> [Assignment]
  /// The number of trainings and evaluations that the site computes.
  public let computed: Int
  /// The number of answers that the site sends. More than `computed` if it sends answers again.
  public let answered: Int
  /// The number of refusals.
  public let refused: Int
  /// A part of the message that the operator reads for each refused question.
  public let refusal: String
  /// Whether the site checks that the models are on the coordinator's signed chain. Without this check, a lie
  /// shows what the budget of answers alone prevents.
  public let checksChain: Bool

  public init(
    _ name: String, arm: String = "fedavg", checksChain: Bool = false, computed: Int, answered: Int? = nil,
    refused: Int,
    refusal: String = "", _ questions: @escaping @Sendable (HonestStudy) throws -> [Assignment]
  ) {
    self.name = name
    self.arm = arm
    self.questions = questions
    self.computed = computed
    self.answered = answered ?? computed
    self.refused = refused
    self.refusal = refusal
    self.checksChain = checksChain
  }

  /// The honest study that this coordinator lies about.
  public func study() throws -> HonestStudy {
    var clinic = ClinicStudy()
    clinic.workflow = workflow
    clinic.optimizer = "{name: sgd, learning-rate: 0.05}"
    return try HonestStudy(clinic, site: site)
  }

  public var description: String { name }

  public static let all = budget + foreign + chain + ring + message
}
