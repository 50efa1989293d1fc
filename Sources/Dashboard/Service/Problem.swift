import FederatedCore
import Hummingbird

/// What went wrong with a request, in words for a visitor.
struct Problem: Error {
  var status: HTTPResponse.Status
  var title: String
  var message: String
  /// Seconds after which it may be tried again.
  var retryAfter: Int?

  static let noSuchPage = Problem(
    status: .notFound, title: "There is no such page",
    message: "The address may be mistyped, or what it showed is gone. The overview lists every study.")

  static func noSuchStudy(_ id: String) -> Self {
    Problem(
      status: .notFound, title: "There is no such study",
      message: "The coordinator knows no study “\(id)”. The overview lists those that it knows.")
  }

  static let brokenSeal = Problem(
    status: .forbidden, title: "The form has expired",
    message:
      "Nothing was done. The form did not come from this page as it is now: go back, reload the page and send the form again."
  )

  static let tooManyListeners = Problem(
    status: .serviceUnavailable, title: "Too many pages are open",
    message: "The page does not renew itself for now. Reload it to see what has changed.", retryAfter: 30)

  static let notSignedIn = Problem(
    status: .unauthorized, title: "Please sign in",
    message: "This address answers only to those who have signed in, by certificate or by one-time token.")

  /// - Parameter request: the request's number in the log.
  init(_ error: any Error, request: String) {
    switch error {
    case let problem as Problem: self = problem
    case let error as ConsiliumError: self.init(error)
    case let error as HTTPError where error.status == .notFound: self = .noSuchPage
    case let error as any HTTPResponseError:
      self.init(
        status: error.status, title: "The request cannot be answered",
        message: "The browser sent something that the dashboard does not understand. Go back and try again.")
    default:
      self.init(
        status: .internalServerError, title: "The page could not be made",
        message: "Something failed at the coordinator. Its log says what, under request \(request).")
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
      default: (.internalServerError, "Something failed at the coordinator")
      }
    self.init(status: status, title: title, message: error.message)
  }
}
