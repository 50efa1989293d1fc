import FederatedCore

/// The keys of the entries of one round of a swarm.
public struct SwarmRoundKeys: Sendable, Equatable {
  /// The key under which all entries of the round lie.
  public let root: SwarmKey

  /// - Parameter study: The study's digest, in hexadecimal.
  public init(study: String, arm: String, round: Int) {
    root = Self.arm(arm, ofStudy: study).appending("\(round)")
  }

  /// The key under which all rounds of an arm lie. Version 1 of the layout of keys and entries.
  public static func arm(_ arm: String, ofStudy study: String) -> SwarmKey {
    SwarmKey("consilium/1").appending(study).appending(arm)
  }

  private var offers: SwarmKey { root.appending("offer") }
  private var witnesses: SwarmKey { root.appending("witness") }
  private var validations: SwarmKey { root.appending("validation") }

  /// A site's ``SwarmOffer``.
  public func offer(of site: SiteID) -> SwarmKey { offers.appending(site.rawValue) }
  /// Who merges: a ``SwarmMerger`` under a lease. It is the fence of the three decisions of the round.
  public var merger: SwarmKey { root.appending("merger") }
  /// The ``SwarmSet``: which offers count.
  public var set: SwarmKey { root.appending("set") }
  /// The ``SwarmModel`` after the round.
  public var model: SwarmKey { root.appending("model") }
  /// A deputy's ``SwarmWitness``.
  public func witness(of site: SiteID) -> SwarmKey { witnesses.appending(site.rawValue) }
  /// A site's ``SwarmValidation``.
  public func validation(of site: SiteID) -> SwarmKey { validations.appending(site.rawValue) }
  /// The ``SwarmEnding`` of the round, which opens the next one.
  public var record: SwarmKey { root.appending("record") }

  /// The site that wrote an entry of a kind that each site writes for itself; `nil` for other keys.
  func author(of key: SwarmKey) -> SiteID? {
    for folder in [offers, witnesses, validations] where key.isUnder(folder) {
      return SiteID(String(key.description.dropFirst(folder.description.count + 1)))
    }
    return nil
  }

  /// The site whose offer has this key; `nil` for other keys.
  func offerer(of key: SwarmKey) -> SiteID? { key.isUnder(offers) ? author(of: key) : nil }
  /// The site whose validation has this key; `nil` for other keys.
  func validator(of key: SwarmKey) -> SiteID? { key.isUnder(validations) ? author(of: key) : nil }
  /// The deputy whose statement has this key; `nil` for other keys.
  func deputy(of key: SwarmKey) -> SiteID? { key.isUnder(witnesses) ? author(of: key) : nil }
}
