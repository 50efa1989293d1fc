import FederatedCore
import Foundation
import StudyProtocol

/// Compares how the sites store their images and masks: the directions and the scale of images, and the share
/// of each mask that is not background. No site can do this alone.
///
/// Each site is represented by its most frequent directions and scale. Differences within a site are separate
/// findings.
struct SiteComparison {
  /// The smallest ratio of two lengths that causes a caution.
  private static let factor = 2.0

  private let study: Study
  private let sites: [(site: SiteID, facts: SiteFacts)]

  init(_ study: Study, _ sites: [(site: SiteID, facts: SiteFacts)]) {
    self.study = study
    self.sites = sites
  }

  var cautions: [Caution] {
    let images = study.inputs.filter { $0.kind == .image }.flatMap { element in
      [orientations(of: element), scales(of: element)].compactMap(\.self)
    }
    return images + study.elements.filter { $0.kind == .mask }.compactMap(shares)
  }

  /// The sites whose images could be read, with the facts about one element.
  private func found(_ element: CommonDataElement) -> [(site: SiteID, facts: SiteFacts.Element)] {
    sites.compactMap { site, facts in
      facts.elements.first { $0.name == element.name && $0.records > 0 }.map { (site, $0) }
    }
  }

  private var isReoriented: Bool {
    study.preprocessing.contains { if case .reorient = $0 { true } else { false } }
  }

  private var isSliced: Bool {
    study.preprocessing.contains { if case .slices = $0 { true } else { false } }
  }

  private var resampling: Resampling? {
    for case .resample(let resampling) in study.preprocessing { return resampling }
    return nil
  }

  /// Warns of volumes that are stored in different directions at different sites. Photographs have no such
  /// directions.
  private func orientations(of element: CommonDataElement) -> Caution? {
    guard !isReoriented else { return nil }
    let volumes = found(element).filter { Self.axes($0.facts.sizes) == 3 }
    let codes = volumes.compactMap { site, facts in facts.orientations.first.map { (site, $0.text) } }
    let groups = Self.grouped(codes)
    guard groups.count > 1 else { return nil }
    let letters = groups.map(\.text).filter { $0 != Self.notStated }
    let places = groups.map { group in
      let sites = Self.list(group.sites)
      return group.text == Self.notStated
        ? "\(sites) does not state its directions" : "the axes run \(group.text) at \(sites)"
    }
    let advice =
      groups.contains { $0.text == Self.notStated }
      ? "write the orientation into the files" : "add `reorient: {to: RAS}` as the first step of the study"
    return Caution(
      .unlikeSites, sites: codes.map(\.0),
      message: "Volumes of '\(element.name)' are stored in different directions: \(Self.joined(places)). "
        + "\(Self.effect(of: letters)); \(advice), or have all sites store them the same way.")
  }

  /// The effect on a model if volumes are stored in these directions.
  private static func effect(of letters: [String]) -> String {
    guard letters.count > 1 else { return "Nothing shows that they are the same" }
    // The third letter is the direction across the slices.
    return Set(letters.compactMap { planes($0).last }).count > 1
      ? "The model would see other planes" : "The model would see the volumes of one site mirrored or turned"
  }

  /// Warns of images of very different scale, by their spacing, or by their extent if all images are resized.
  /// If volumes are cut into slices, only x and y are compared.
  private func scales(of element: CommonDataElement) -> Caution? {
    if case .spacing = resampling { return nil }
    let isResized = resampling != nil
    let lengths = found(element).compactMap { site, facts -> (SiteID, [Double], String)? in
      guard facts.sizes.first != nil, let text = facts.spacings.first?.text, let spacing = Self.numbers(text)
      else { return nil }
      let sizes = Self.numbers(facts.sizes[0].text) ?? []
      guard sizes.count == spacing.count else { return nil }
      let used = isSliced ? spacing.prefix(2) : spacing[...]
      guard isResized else { return (site, Array(used), text) }
      let extents = zip(used, sizes).map { $0 * $1 }
      return (site, extents, extents.map { "\(Int($0.rounded()))" }.joined(separator: "×") + " mm")
    }
    for (index, one) in lengths.enumerated() {
      for other in lengths[..<index] where Self.differ(one.1, other.1) {
        let noun = isResized ? "cover" : "have a spacing of"
        let advice =
          isResized
          ? "replace `resample: {size: …}` by a spacing and a crop-or-pad step"
          : "add `resample: {spacing: …}`"
        return Caution(
          .unlikeSites, sites: [other.0, one.0],
          message:
            "Images of '\(element.name)' mostly \(noun) \(other.2) at '\(other.0)' and \(one.2) at '\(one.0)', so the model "
            + "sees the same structures at different scales; \(advice), or check the units of the files.")
      }
    }
    return nil
  }

  /// Warns of masks that are mostly background at one site and mostly foreground at another, as if codes were
  /// swapped.
  private func shares(of element: CommonDataElement) -> Caution? {
    let shares = found(element).compactMap { site, facts in facts.share.map { (site: site, share: $0) } }
    guard let low = shares.min(by: { $0.share < $1.share }),
      let high = shares.max(by: { $0.share < $1.share }),
      low.share < 0.5, high.share > 0.5, high.share - low.share >= 0.5
    else { return nil }
    let percent = { (share: Double) in String(format: "%.3g %%", 100 * share) }
    return Caution(
      .unlikeSites, sites: [low.site, high.site],
      message:
        "Masks of '\(element.name)' cover \(percent(low.share)) of all pixels or voxels at '\(low.site)' and "
        + "\(percent(high.share)) at '\(high.site)': the codes of one site may be swapped; check `values` under "
        + "elements.\(element.name) of the site file.")
  }

  private static let notStated = "not stated"

  /// The number of axes of the most frequent image size.
  private static func axes(_ sizes: [SiteFacts.Count]) -> Int {
    sizes.first.map { $0.text.split(separator: "×").count } ?? 0
  }

  /// The numbers in `0.9×0.9×6 mm` or `256×256×22`; `nil` for `not stated`.
  private static func numbers(_ text: String) -> [Double]? {
    let numbers = text.replacing(" mm", with: "").split(separator: "×").map { Double($0) }
    return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }

  private static func differ(_ one: [Double], _ other: [Double]) -> Bool {
    one.count == other.count
      && zip(one, other).contains { low, high in
        low > 0 && high > 0 && max(low, high) / min(low, high) >= factor * (1 - 1e-6)
      }
  }

  /// The patient axis of each letter of an orientation: 0 for left and right, 1 for back and front, 2 for
  /// feet and head.
  private static func planes(_ code: String) -> [Int] {
    code.map { "LR".contains($0) ? 0 : "PA".contains($0) ? 1 : 2 }
  }

  /// Groups the sites that have the same text, in the order of the sites.
  private static func grouped(_ found: [(SiteID, String)]) -> [(text: String, sites: [SiteID])] {
    var groups: [(text: String, sites: [SiteID])] = []
    for (site, text) in found {
      if let index = groups.firstIndex(where: { $0.text == text }) {
        groups[index].sites.append(site)
      } else {
        groups.append((text, [site]))
      }
    }
    return groups
  }

  private static func list(_ sites: [SiteID]) -> String { joined(sites.map { "'\($0)'" }) }

  /// Joins texts as in `A, B and C`.
  private static func joined(_ texts: [String]) -> String {
    guard let last = texts.last, texts.count > 1 else { return texts.first ?? "" }
    return texts.dropLast().joined(separator: ", ") + " and " + last
  }
}
