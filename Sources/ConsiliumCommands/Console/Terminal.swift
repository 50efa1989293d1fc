import Foundation

/// A terminal on which lines can be redrawn in place.
public struct Terminal: Sendable {
  public struct Size: Sendable, Equatable {
    public var columns: Int
    public var rows: Int

    public init(columns: Int, rows: Int) {
      self.columns = columns
      self.rows = rows
    }
  }

  /// Returns the current size. Called for each frame, since a window may be resized.
  public var size: @Sendable () -> Size
  public var hasColour: Bool

  public init(hasColour: Bool, size: @escaping @Sendable () -> Size) {
    self.hasColour = hasColour
    self.size = size
  }

  /// The terminal to which a file descriptor writes; `nil` if the descriptor writes to something else, or if
  /// the terminal cannot move its cursor (`TERM=dumb`).
  ///
  /// If `NO_COLOR` has any value, colour is turned off (no-color.org).
  static func of(descriptor: Int32, environment: [String: String]) -> Terminal? {
    guard isatty(descriptor) == 1, let name = environment["TERM"], !name.isEmpty, name != "dumb" else {
      return nil
    }
    return Terminal(hasColour: environment["NO_COLOR", default: ""].isEmpty) {
      var window = winsize()
      guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
        return Size(columns: 80, rows: 24)
      }
      return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }
  }
}
