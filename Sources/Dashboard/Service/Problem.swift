import FederatedCore
import Hummingbird

/// An error of a request, worded for a visitor.
struct Problem: Error {
  var status: HTTPResponse.Status
  var title: String
  var message: String
  /// The number of seconds after which to try again.
  var retryAfter: Int?

  static let noSuchPage = Problem(
    status: .notFound, title: "There is no such page",
    message: "Check the address; the page may also have been removed. The overview lists every study.")

  static func noSuchStudy(_ id: String) -> Self {
    Problem(
      status: .notFound, title: "There is no such study",
      message: "The coordinator has no study “\(id)”. The overview lists all studies.")
  }

  static let brokenSeal = Problem(
    status: .forbidden, title: "The form has expired",
    message:
      "Nothing was changed. The form came from an outdated copy of this page: go back, reload the page and send the form again."
  )

  static let tooManyListeners = Problem(
    status: .serviceUnavailable, title: "Too many pages are open",
    message: "This page does not update itself for now. Reload it to see changes.", retryAfter: 30)

  static func tooManyStreams(_ limit: Int) -> Self {
    Problem(
      status: .tooManyRequests, title: "You have too many pages open",
      message:
        "At most \(limit) pages of one visitor update themselves. Close some, then reload this page.",
      retryAfter: 30)
  }

  static func tooManyConnections(_ limit: Int) -> Self {
    Problem(
      status: .tooManyRequests, title: "You have too many connections",
      message: "At most \(limit) connections of one visitor are answered. Close some pages, then try again.",
      retryAfter: 30)
  }

  static let notSignedIn = Problem(
    status: .unauthorized, title: "Please sign in",
    message: "This address requires signing in, by certificate or one-time token.")

  /// - Parameter request: The request's number in the log.
  init(_ error: any Error, request: String) {
    switch error {
    case let problem as Problem: self = problem
    case let error as ConsiliumError: self.init(error)
    case let error as HTTPError where error.status == .notFound: self = .noSuchPage
    case let error as any HTTPResponseError:
      self.init(
        status: error.status, title: "The request cannot be answered",
        message: "The browser sent a request that the dashboard does not understand. Go back and try again.")
    default:
      self.init(
        status: .internalServerError, title: "The page could not be created",
        message: "An error occurred at the coordinator. Its log has the details, under request \(request).")
    }
  }

  init(status: HTTPResponse.Status, title: String, message: String, retryAfter: Int? = nil) {
    self.status = status
    self.title = title
    self.message = message
    self.retryAfter = retryAfter
  }

  private init(_ error: ConsiliumError) {
    let (status, title): (HTTPResponse.Status, String) =
      switch error.code {
      case .invalidInput: (.conflict, "That is not possible")
      case .unavailable: (.serviceUnavailable, "Not available at the moment")
      default: (.internalServerError, "An error occurred at the coordinator")
      }
    self.init(status: status, title: title, message: error.message)
  }
}
