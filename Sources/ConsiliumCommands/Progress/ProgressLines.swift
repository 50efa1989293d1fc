import FederatedCore
import FederatedRuntime
import Foundation

/// Formats the progress as lines of text: one per working site, and one for the whole run.
struct ProgressLines {
  var hasColour: Bool

  /// The lines that fit in `size`, none wider than the terminal. If not all fit, working sites come first.
  func lines(of board: ProgressState, at now: Duration, in size: Terminal.Size) -> [String] {
    let all = board.arms.flatMap { arm in arm.lanes.map { (arm: arm, lane: $0) } }
    // Reserve a row for the whole run, one for a note about omitted lines, and one for the cursor.
    let room = max(1, size.rows - 3)
    let shown =
      all.count <= room
      ? all : Array((all.filter(\.lane.isActive) + all.filter { !$0.lane.isActive }).prefix(room))
    let armWidth = shown.map(\.arm.name.count).max() ?? 0
    let siteWidth = shown.map(\.lane.site.rawValue.count).max() ?? 0
    var lines = shown.map { arm, lane in
      let names = "\(arm.name.rightPadded(to: armWidth))  \(lane.site.rawValue.rightPadded(to: siteWidth))"
      let text = "\(names)  round \(arm.round)/\(arm.rounds)  \(state(of: lane, at: now))"
      return paint(text.onOneLine.truncated(to: size.columns), lane)
    }
    if shown.count < all.count {
      lines.append("… and \(all.count - shown.count) more".truncated(to: size.columns))
    }
    lines.append(whole(board, at: now).onOneLine.truncated(to: size.columns))
    return lines
  }

  private func state(of lane: ProgressState.Lane, at now: Duration) -> String {
    switch lane.phase {
    case .waiting: return "waiting"
    case .starting: return "starting  \(Self.clock((now - lane.changed).inSeconds))"
    case .training(let progress, _, _):
      let bar = Self.bar(progress.step, of: progress.stepCount)
      let rate = String(format: "%.0f/s", progress.examplesPerSecond)
      let left = lane.secondsLeft(at: now).map { "  \(Self.clock($0)) left" } ?? ""
      let loss = progress.loss.map { "  \(Self.loss($0))" } ?? ""
      return
        "\(bar)  step \(progress.step)/\(progress.stepCount)\(loss)  \(rate)\(left)"
    case .trained(let summary):
      let loss = summary.loss.map { "  \(Self.loss($0))" } ?? ""
      return "\(Self.bar(1, of: 1))  done\(loss)  \(Self.clock(summary.seconds))"
    case .dropped(let reason): return "dropped: \(reason)"
    }
  }

  private func whole(_ board: ProgressState, at now: Duration) -> String {
    let arms = board.arms.map { arm in
      let left = arm.secondsLeft.map { ", \(Self.clock($0)) left" } ?? ""
      return "\(arm.name) \(arm.committed)/\(arm.rounds) rounds\(left)"
    }
    return ([Self.clock(now.inSeconds)] + arms).joined(separator: " · ")
  }

  /// Colours a line. Colour only repeats what the words state.
  private func paint(_ line: String, _ lane: ProgressState.Lane) -> String {
    guard hasColour else { return line }
    switch lane.phase {
    case .waiting: return "\u{1B}[2m\(line)\u{1B}[0m"
    case .dropped: return "\u{1B}[33m\(line)\u{1B}[0m"
    case .starting, .training, .trained: return line
    }
  }

  static func bar(_ done: Int, of total: Int, width: Int = 12) -> String {
    let filled = total > 0 ? min(width, max(0, width * done / total)) : 0
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  /// Formats a duration: `0:07`, `12:30`, `1:02:03`.
  static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    let whole = Int(max(0, seconds).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }

  static func loss(_ value: Double) -> String { String(format: "loss %.4f", value) }
}
