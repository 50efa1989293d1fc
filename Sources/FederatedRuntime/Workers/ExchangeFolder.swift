import FederatedCore
import Foundation

/// A folder through which parameters pass between this program and its engine processes, as mapped files.
public actor ExchangeFolder {
  public let directory: URL

  /// Creates the folder where it does not exist.
  public init(_ directory: URL) throws {
    self.directory = directory
  }
}
