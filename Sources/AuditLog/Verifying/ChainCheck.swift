import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Follows the chain of a log line by line.
struct ChainCheck {
  private var result = AuditVerification()
  private var seals: SealCheck
  private let owner: Party?
  private var anchors: [AuditAnchor]
  private var gaps = Gaps()
  private var lines = 0
  /// The last entry of the unbroken chain so far; the next entry is expected to follow it.
  private var head: AuditAnchor?
  /// A line whose stated hash differs from the hash of its entry. The next line shows which of the two was
  /// changed.
  private var doubtful: (line: Int, content: AuditEntryLine.Content)?
  private var lastTime: Date?
  private var backwardSteps = 0

  init(seals: SealCheck, owner: Party?, anchors: [AuditAnchor]) {
    self.seals = seals
    self.owner = owner
    self.anchors = anchors
  }

  mutating func take(_ line: LineReader.Line) {
    lines += 1
    guard let content = line.bytes.flatMap(AuditEntryLine.decode) else {
      settleDoubt(nextPrevious: nil)
      result.add(.unreadable, "this is not an entry of an audit log", line: line.number)
      return
    }
    result.entryCount += 1
    settleDoubt(nextPrevious: content.entry.previous)
    if !content.isIntact { doubtful = (line.number, content) }
    if line.number == 1 { takeBeginning(content.entry) }
    place(content, line: line.number)
    noteTime(content.entry.time)
  }

  mutating func finish(unfinished: Int) -> AuditVerification {
    settleDoubt(nextPrevious: nil)
    if lines == 0, unfinished == 0 {
      result.add(
        .empty,
        "the log has no entry; every log begins with an entry that names its owner, so this one was emptied")
    }
    for gap in gaps.open {
      result.add(
        .missing, "\(gap.words) \(gap.count == 1 ? "is" : "are") missing before this line", line: gap.line)
    }
    result.faults.sort { ($0.line ?? .max) < ($1.line ?? .max) }
    if unfinished > 0 {
      result.add(
        .tornTail,
        "the last line is unfinished (\(unfinished) bytes): its writer was interrupted or is writing now; opening the log "
          + "repairs it")
    }
    for anchor in anchors.sorted(by: { $0.sequence < $1.sequence }) {
      result.add(
        .truncated,
        "the log has no entry \(anchor.sequence), which once existed with hash \(anchor.hash); it ends with entry "
          + "\(head?.sequence ?? 0)")
    }
    result.head = head
    seals.finish(&result, end: head?.sequence ?? 0)
    if backwardSteps > 0 {
      result.notes.append(
        "the owner's clock went back \(backwardSteps == 1 ? "once" : "\(backwardSteps) times"); the entries are in the order of "
          + "their numbers")
    }
    return result
  }

  private mutating func takeBeginning(_ entry: AuditEntry) {
    guard let genesis = AuditGenesis(entry) else {
      // If the first entry is missing, `place` reports its number, so do not report a second problem here.
      if entry.sequence == 1 {
        result.add(.wrongBeginning, "the first entry does not name the log's owner", line: 1)
      }
      return
    }
    (result.owner, result.log) = (genesis.owner, genesis.id)
    if let owner, genesis.owner != owner {
      result.add(.wrongBeginning, "this is the log of \(genesis.owner); expected that of \(owner)", line: 1)
    }
    seals.genesis = genesis
  }

  /// Compares the entry's number and its link with the entry before it.
  private mutating func place(_ content: AuditEntryLine.Content, line: Int) {
    let entry = content.entry
    let expected = (head?.sequence ?? 0) + 1
    if entry.sequence < expected {
      let isLate = gaps.fill(entry.sequence)
      result.add(
        isLate ? .reordered : .duplicated,
        isLate
          ? "entry \(entry.sequence) comes after entry \(expected - 1)"
          : "entry \(entry.sequence) exists already, or the number is wrong", line: line)
      if isLate { takeAnchors(entry, line: line) }
      return
    }
    if entry.sequence > expected {
      gaps.add(expected..<entry.sequence, line: line)
    } else if entry.previous != head?.hash ?? AuditEntry.noHash {
      result.add(
        .exchanged,
        "the link of entry \(entry.sequence) does not match entry \(expected - 1); one of the two was "
          + "replaced", line: line)
    }
    // Continue from the computed hash. If the line states a different hash, `settleDoubt` decides with the
    // help of the next entry.
    head = AuditAnchor(sequence: entry.sequence, hash: entry.hash)
    takeAnchors(entry, line: line)
    seals.take(entry, line: line, &result)
  }

  private mutating func takeAnchors(_ entry: AuditEntry, line: Int) {
    guard !anchors.isEmpty else { return }
    for anchor in anchors where anchor.sequence == entry.sequence && anchor.hash != entry.hash {
      result.add(
        .wrongAnchor,
        "entry \(entry.sequence) has hash \(entry.hash), but once had \(anchor.hash): the log was rewritten",
        line: line)
    }
    anchors.removeAll { $0.sequence == entry.sequence }
  }

  /// Reports the problem of the previous line, and continues the chain from the hash that its entry
  /// originally had.
  private mutating func settleDoubt(nextPrevious: String?) {
    guard let (line, content) = doubtful else { return }
    doubtful = nil
    let entry = content.entry
    if nextPrevious == entry.hash {
      result.add(
        .wrongHash,
        "the line does not state the hash of entry \(entry.sequence); the entry itself is unchanged",
        line: line)
      return
    }
    result.add(
      .changed, "entry \(entry.sequence) was changed: it no longer has the hash that the line states",
      line: line)
    if head?.sequence == entry.sequence, nextPrevious == content.statedHash {
      head?.hash = content.statedHash
    }
  }

  private mutating func noteTime(_ time: Date) {
    if let lastTime, time < lastTime { backwardSteps += 1 }
    lastTime = time
  }
}
