import Hummingbird
import NIOCore

/// What a request carries through the dashboard.
struct DashboardContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  var caller = Caller()

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// No form is longer.
  var maxUploadSize: Int { 16 * 1024 }

  /// The address that the request came from, without its port.
  var address: String { channel.remoteAddress?.ipAddress ?? "unknown" }
}
