import FederatedCore
import StudyProtocol

/// The examples of a table study: each row is one example.
struct TableSource: ExampleSource {
  private let rows: [[Float]]
  private let targets: TableTargets

  /// - Parameter rows: the encoded rows: at least one, and all of the same length.
  init(rows: [[Float]], targets: TableTargets) {
    self.rows = rows
    self.targets = targets
  }

  var exampleCount: Int { rows.count }
  var exampleShape: [Int] { [rows[0].count] }

  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) -> Batch {
    Batch(
      inputs: indices.flatMap { rows[$0] }, shape: [indices.count] + exampleShape,
      target: targets.select(indices))
  }

  func grid(of record: Range<Int>) -> VoxelGrid { VoxelGrid(shape: [record.count], spacing: [1]) }

  func classCounts(of indices: [Int], classCount: Int) -> [Int] {
    targets.classCounts(of: indices, classCount: classCount)
  }
}

/// The truth about each record, from the table: a class, or a time and an event.
enum TableTargets: Sendable {
  case classes([Int64])
  case survival(times: [Float], events: [Float])

  init(of records: [Record], study: Study) {
    func category(_ role: CommonDataElement.Role) -> [Int] {
      let name = study.element(role)?.name ?? ""
      return records.map { if case .category(let index) = $0[name] { index } else { 0 } }
    }
    if study.header.task == .survival {
      let name = study.element(.time)?.name ?? ""
      let times = records.map { if case .number(let time) = $0[name] { Float(time) } else { Float(0) } }
      self = .survival(times: times, events: category(.event).map(Float.init))
    } else {
      self = .classes(category(.target).map(Int64.init))
    }
  }

  func select(_ indices: some Sequence<Int>) -> Batch.Target {
    switch self {
    case .classes(let classes): .classes(indices.map { classes[$0] })
    case .survival(let times, let events):
      .survival(times: indices.map { times[$0] }, events: indices.map { events[$0] })
    }
  }

  func classCounts(of indices: [Int], classCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    if case .classes(let classes) = self {
      for index in indices { counts[Int(classes[index])] += 1 }
    }
    return counts
  }
}
