import FederatedCore
import StudyProtocol

/// Finds problems that only a comparison of a session's records can show: files, scans or masks shared by
/// several patients, images and masks without content, and volumes stored in different directions.
struct ImageQuality {
  struct Entry {
    var site: SiteID
    var record: Record
    /// The set to which the split assigns the record's patient.
    var part: DataPart?
    /// The record's traits; `nil` for a record that could not be decoded.
    var traits: RecordTraits?
  }

  private let study: Study
  private let entries: [Entry]
  private let image: CommonDataElement?
  private let mask: CommonDataElement?
  private var log: ImageFaultLog

  private init(_ entries: [Entry], study: Study, dataRoot: String) {
    self.study = study
    self.entries = entries
    image = study.inputs.first { $0.kind == .image }
    mask = study.element(.target).flatMap { $0.kind == .mask ? $0 : nil }
    log = ImageFaultLog(dataRoot: dataRoot)
  }

  static func findings(_ entries: [Entry], study: Study, dataRoot: String) -> [DataFinding] {
    var quality = ImageQuality(entries, study: study, dataRoot: dataRoot)
    let sites = Dictionary(grouping: entries, by: \.site).sorted { $0.key.rawValue < $1.key.rawValue }
    for (_, entries) in sites {
      quality.checkFiles(entries)
      quality.checkElements(entries)
      quality.checkPatients(entries)
      quality.checkConstant(entries)
      quality.checkClasses(entries)
      quality.checkBackground(entries)
      quality.checkEqualMasks(entries)
    }
    quality.checkDuplicates()
    quality.checkOrientations()
    quality.checkPlane()
    return quality.log.findings
  }

  /// The word for a group of records in messages: "patients", or "records" if the study has no element that
  /// groups them.
  private var unit: String { study.element(.group) == nil ? "records" : "patients" }

  private mutating func warn(
    _ rule: ImageFault.Rule, _ message: String, _ element: CommonDataElement?, _ entry: Entry,
    kind: String? = nil
  ) {
    log.add(
      ImageFault(rule, message, element, in: entry.record, severity: .warning, kind: kind), site: entry.site)
  }

  /// Finds files that belong to several records. If all records have the same file, the pattern in the site
  /// file is wrong, which is an error. If only some do, this is a warning.
  private mutating func checkFiles(_ entries: [Entry]) {
    for element in [image, mask].compactMap(\.self) {
      let others = element.kind == .mask ? image : nil
      let files = Dictionary(grouping: entries) { $0.record[element.name] }.filter { $0.key != .missing }
      for shared in files.values {
        let owners = Set(shared.map(\.record.group)).count
        let images = others.map { other in Set(shared.map { $0.record[other.name] }).count } ?? owners
        guard owners > 1, images > 1 else { continue }
        if files.count == 1, shared.count == entries.count {
          let message =
            "all records of the site have the same file; each needs its own: correct the pattern "
            + "under elements.\(element.name) of the site file"
          for entry in shared {
            log.add(ImageFault(.file, message, element, in: entry.record), site: entry.site)
          }
        } else {
          for entry in shared {
            warn(
              .file, "the same file belongs to several \(unit); check the table and the pattern", element,
              entry)
          }
        }
      }
    }
  }

  /// Finds files that serve as two elements of the same record. A model that receives the mask as input has
  /// nothing to learn.
  private mutating func checkElements(_ entries: [Entry]) {
    let elements = study.inputs.filter { $0.kind == .image } + [mask].compactMap(\.self)
    for entry in entries {
      for (index, element) in elements.enumerated() where entry.record[element.name] != .missing {
        guard
          let other = elements[..<index].first(where: {
            entry.record[$0.name] == entry.record[element.name]
          })
        else { continue }
        log.add(
          ImageFault(
            .file,
            "it has the same file as element '\(other.name)'; each needs its own: correct the pattern under "
              + "elements.\(element.name) of the site file", element, in: entry.record), site: entry.site)
      }
    }
  }

  /// Finds contradictions between the patients of the table and the identifiers in DICOM files: several
  /// patients with one identifier, or one patient with several. If all files have the same identifier, it is
  /// a placeholder and is ignored.
  private mutating func checkPatients(_ entries: [Entry]) {
    let stated = entries.filter { $0.traits?.patient != nil }
    let files = Dictionary(grouping: stated) { $0.traits?.patient ?? "" }
    guard files.count > 1 else { return }
    for shared in files.values where Set(shared.map(\.record.group)).count > 1 {
      for entry in shared {
        warn(
          .patient,
          "files of several \(unit) state the same patient (0010,0020), whom the split could put into several parts; correct "
            + "the table, or group the records by patient", image, entry)
      }
    }
    for own in Dictionary(grouping: stated, by: \.record.group).values
    where Set(own.map { $0.traits?.patient }).count > 1 {
      for entry in own {
        warn(
          .patient,
          "the files of one patient of the table state several patients (0010,0020); correct the table or the pattern",
          image, entry)
      }
    }
  }

  private mutating func checkConstant(_ entries: [Entry]) {
    for entry in entries where entry.traits?.isConstant == true {
      warn(
        .values,
        "the image, or one of its channels, has one value in every voxel, so that there is nothing to see; leave it out or export it again",
        image, entry)
    }
  }

  /// Finds the classes that occur in none of the site's masks.
  private mutating func checkClasses(_ entries: [Entry]) {
    guard let mask else { return }
    let read = entries.filter { $0.traits?.mask != nil }
    let found = read.reduce(into: Set<Int>()) { $0.formUnion($1.traits?.classes ?? []) }
    guard !read.isEmpty else { return }
    let absent = mask.values.indices.dropFirst().filter { !found.contains($0) }
    if absent.count == mask.values.count - 1 {
      for entry in read {
        warn(
          .code,
          "every mask of the site is empty: all voxels are '\(mask.values[0].label)'. A model cannot learn from them, "
            + "and finding nothing would score as perfect; check the masks and their codes", mask, entry)
      }
    } else if read.count > 1 {
      for index in absent {
        for entry in read {
          warn(
            .code,
            "no mask of the site holds the class '\(mask.values[index].label)'; check the codes and the files",
            mask, entry)
        }
      }
    }
  }

  /// Finds masks that consist almost entirely of lesion, which suggests that the codes of lesion and
  /// background were exchanged.
  private mutating func checkBackground(_ entries: [Entry]) {
    let drawn = entries.filter { $0.traits?.backgroundShare != nil }
    let shares = drawn.compactMap { $0.traits?.backgroundShare }
    guard let mask, !shares.isEmpty, shares.reduce(0, +) / Double(shares.count) < Self.leastBackground else {
      return
    }
    for entry in drawn {
      warn(
        .code,
        "less than a tenth of the masks is '\(mask.values[0].label)', the first class, which is the background; check that the "
          + "codes are not exchanged, under elements.\(mask.name).values of the site file", mask, entry)
    }
  }

  private static let leastBackground = 0.1

  /// Warns if all masks of a site are equal, although they come from several files and patients.
  private mutating func checkEqualMasks(_ entries: [Entry]) {
    let drawn = entries.filter { ($0.traits?.classes.count ?? 0) > 1 }
    guard let mask, Set(drawn.map { $0.traits?.mask }).count == 1,
      Set(drawn.map(\.record.group)).count > 1, Set(drawn.map { $0.record[mask.name] }).count > 1
    else { return }
    for entry in drawn {
      warn(
        .code, "all masks of the site are the same, voxel by voxel; check how they were exported", mask, entry
      )
    }
  }

  /// Finds equal scans, pixel by pixel, of different patients.
  private mutating func checkDuplicates() {
    let usable = entries.filter { $0.traits?.isConstant == false }
    let same = Dictionary(grouping: usable) { $0.traits?.pixels ?? 0 }.values.filter { $0.count > 1 }
    for scans in same.sorted(by: { $0[0].record.place < $1[0].record.place }) {
      guard Set(scans.map { "\($0.site.rawValue)|\($0.record.group)" }).count > 1 else { continue }
      let sites = Set(scans.map(\.site)).count > 1 ? " and sites" : ""
      let crosses = Set(scans.compactMap(\.part)).count > 1
      let message =
        crosses
        ? "the same scan, pixel by pixel, belongs to several \(unit)\(sites) in different parts of the split, so that the "
          + "test repeats what was trained on; remove the copies"
        : "the same scan, pixel by pixel, belongs to several \(unit)\(sites); remove the copies"
      for entry in scans { warn(.file, message, image, entry) }
    }
  }

  /// Finds volumes that are stored in different directions, if the study does not reorient them.
  private mutating func checkOrientations() {
    let isReoriented = study.preprocessing.contains { if case .reorient = $0 { true } else { false } }
    let counts = Dictionary(grouping: entries.compactMap { $0.traits?.orientation }, by: \.self).mapValues(
      \.count)
    guard !isReoriented, counts.count > 1,
      let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key
    else { return }
    for entry in entries {
      guard let code = entry.traits?.orientation, code != most else { continue }
      let isOtherPlane = Self.axes(code) != Self.axes(most)
      let effect =
        isOtherPlane
        ? "they are stored in another plane, and slices would be cut across another axis"
        : "the model sees them mirrored"
      warn(
        .grid,
        "the axes run \(code), those of most volumes \(most): \(effect). Add `reorient: {to: RAS}` as the first step "
          + "of the study", image, entry)
    }
  }

  /// Warns if the site stores all its volumes in a different plane from the one that the study's slice axis
  /// suggests. Other sites may store theirs in the usual plane; no site could notice the difference by
  /// comparing its own volumes.
  private mutating func checkPlane() {
    var axis: StudyProtocol.Axis?
    for step in study.preprocessing {
      switch step {
      case .reorient: return
      case .slices(let stated): axis = axis ?? stated
      default: break
      }
    }
    let stated = entries.filter { $0.traits?.orientation != nil }
    let codes = Set(stated.compactMap { $0.traits?.orientation })
    guard let axis, codes.count == 1, let code = codes.first else { return }
    let place = axis == .x ? 0 : axis == .y ? 1 : 2
    let found = Self.axes(code)
    guard found.count == 3, found[place] != place else { return }
    let plane = ["sagittal", "coronal", "axial"]
    for entry in stated {
      warn(
        .grid,
        "the axes run \(code), so that `slices: {axis: \(axis.rawValue)}` cuts \(plane[found[place]]) slices, not "
          + "\(plane[place]) ones; sites that store their volumes otherwise would train on other planes. Add "
          + "`reorient: {to: RAS}` as the first step of the study, or see that all sites store the same",
        image, entry)
    }
  }

  /// The axis of the body for each letter of an orientation: 0 for left-right, 1 for front-back, 2 for
  /// head-foot.
  private static func axes(_ code: String) -> [Int] {
    code.map { "LR".contains($0) ? 0 : "PA".contains($0) ? 1 : 2 }
  }
}
