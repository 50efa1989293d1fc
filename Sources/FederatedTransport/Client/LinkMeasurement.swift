/// How fast a site's link to its coordinator was when it was tried.
public struct LinkMeasurement: Sendable, Equatable {
  /// Seconds for the shortest question and its answer.
  public var roundTrip: Double
  /// Bytes a second, from the coordinator to the site.
  public var download: Double
  /// Bytes a second, from the site to the coordinator, as fast as the site's policy lets them.
  public var upload: Double

  public init(roundTrip: Double, download: Double, upload: Double) {
    (self.roundTrip, self.download, self.upload) = (roundTrip, download, upload)
  }

  /// Seconds for a file of so many bytes there and back.
  public func seconds(thereAndBack bytes: Int) -> Double {
    2 * roundTrip + Double(bytes) / max(1, download) + Double(bytes) / max(1, upload)
  }
}
