/// A site's link to the network, for the forecast of a study's time.
public struct Link: Sendable, Equatable {
  /// Bytes per second from and to the site.
  public var upload: Double
  public var download: Double
  /// The time of a round trip, in seconds.
  public var roundTrip: Double

  public init(upload: Double, download: Double, roundTrip: Double) {
    self.upload = upload
    self.download = download
    self.roundTrip = roundTrip
  }

  func seconds(up: Double = 0, down: Double = 0) -> Double { up / upload + down / download }
}
